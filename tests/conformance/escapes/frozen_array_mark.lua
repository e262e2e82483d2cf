-- SPDX-License-Identifier: MIT
-- tries: to change the metatable by marking a list
-- expects: the table is frozen
return function(client, gateway)
  require("tidegate.json").array(gateway.origins)
end
