-- SPDX-License-Identifier: MIT
-- tries: to call a method of the client on a light userdata
-- expects: client expected, got (light )?userdata
return function(client, gateway)
  client.send(require("tidegate.json").null, "x")
end
