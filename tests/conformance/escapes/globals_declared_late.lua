-- SPDX-License-Identifier: MIT
-- tries: to declare a global in a handler
-- expects: globals are declared while the gateway loads
return function(client, gateway)
  require("tidegate").global("late", 1)
end
