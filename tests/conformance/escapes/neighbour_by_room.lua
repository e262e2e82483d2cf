-- SPDX-License-Identifier: MIT
-- tries: to speak in another gateway's room
-- expects: nobody but us is there
return function(client, gateway)
  local tide = require "tidegate"
  client:join("secrets")
  assert(#tide.room("secrets"):members() > 1, "nobody but us is there")
end
