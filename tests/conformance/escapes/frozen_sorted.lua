-- SPDX-License-Identifier: MIT
-- tries: to sort the origins
-- expects: the table is frozen: table.sort can't change it
return function(client, gateway)
  table.sort(gateway.origins)
end
