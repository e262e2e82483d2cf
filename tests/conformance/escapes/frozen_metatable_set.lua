-- SPDX-License-Identifier: MIT
-- tries: to take the guarding metatable off
-- expects: cannot change a protected metatable
return function(client, gateway)
  setmetatable(gateway.events, nil)
end
