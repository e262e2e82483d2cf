-- SPDX-License-Identifier: MIT
-- tries: to call a method of the client on a room
-- expects: client expected, got userdata
return function(client, gateway)
  client.send(require("tidegate").room("x"), "x")
end
