-- SPDX-License-Identifier: MIT
-- tries: to add an origin
-- expects: the table is frozen: table.insert can't change it
return function(client, gateway)
  table.insert(gateway.origins, "*")
end
