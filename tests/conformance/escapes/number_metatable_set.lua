-- SPDX-License-Identifier: MIT
-- tries: to give numbers a metatable
-- expects: bad argument #1 to 'setmetatable'
return function(client, gateway)
  setmetatable(1, { __index = error })
end
