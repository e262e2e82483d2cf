-- SPDX-License-Identifier: MIT
-- tries: to give strings another metatable
-- expects: bad argument #1 to 'setmetatable'
return function(client, gateway)
  setmetatable("", { __index = error })
end
