-- SPDX-License-Identifier: MIT
-- tries: to give a client another metatable
-- expects: bad argument #1 to 'setmetatable'
return function(client, gateway)
  setmetatable(client, {})
end
