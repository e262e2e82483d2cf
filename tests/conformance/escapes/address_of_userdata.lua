-- SPDX-License-Identifier: MIT
-- tries: to see where a client lies
-- expects: no address was shown
return function(client, gateway)
  local null = require("tidegate.json").null
  assert((tostring(client) .. tostring(null)):find("0x"), "no address was shown")
end
