-- SPDX-License-Identifier: MIT
-- tries: to call a method of the room on a client
-- expects: room expected, got userdata
return function(client, gateway)
  require("tidegate").room("x").emit(client, "x")
end
