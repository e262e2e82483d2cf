-- SPDX-License-Identifier: MIT
-- tries: to give functions a metatable
-- expects: bad argument #1 to 'setmetatable'
return function(client, gateway)
  setmetatable(print, { __index = error })
end
