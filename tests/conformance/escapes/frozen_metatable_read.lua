-- SPDX-License-Identifier: MIT
-- tries: to write to what the metatable reads from
-- expects: attempt to index a boolean value
return function(client, gateway)
  getmetatable(gateway.events).__index.try = nil
end
