-- SPDX-License-Identifier: MIT
-- tries: to change the metatable that all lists share
-- expects: attempt to index a string value
return function(client, gateway)
  local list = require("tidegate.json").array({})
  getmetatable(list).__index = error
end
