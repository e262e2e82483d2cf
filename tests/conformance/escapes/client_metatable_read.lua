-- SPDX-License-Identifier: MIT
-- tries: to change what all clients can do
-- expects: attempt to index a boolean value
return function(client, gateway)
  getmetatable(client).__index = error
end
