-- SPDX-License-Identifier: MIT
-- tries: to give JSON's null, a light userdata, a metatable
-- expects: bad argument #1 to 'setmetatable'
return function(client, gateway)
  setmetatable(require("tidegate.json").null, { __index = error })
end
