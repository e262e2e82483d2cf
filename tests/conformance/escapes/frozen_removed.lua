-- SPDX-License-Identifier: MIT
-- tries: to remove an origin
-- expects: the table is frozen: table.remove can't change it
return function(client, gateway)
  table.remove(gateway.origins)
end
