-- SPDX-License-Identifier: MIT
-- tries: to reach another gateway's tables through a shared function
-- expects: the neighbour is another state
return function(client, gateway)
  local twice = require "lib.twice"
  twice.secret = client
  error("the neighbour is another state", 0)
end
