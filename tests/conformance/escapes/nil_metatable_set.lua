-- SPDX-License-Identifier: MIT
-- tries: to give nil a metatable
-- expects: bad argument #1 to 'setmetatable'
return function(client, gateway)
  setmetatable(nil, { __index = error })
end
