-- SPDX-License-Identifier: MIT
-- tries: to move something into the origins
-- expects: the table is frozen: table.move can't change it
return function(client, gateway)
  table.move({ "*" }, 1, 1, 1, gateway.origins)
end
