-- SPDX-License-Identifier: MIT
-- tries: to call a timer's __gc by hand
-- expects: attempt to call method '__gc' \(a nil value\)
return function(client, gateway)
  require("tidegate").after(60000, print):__gc()
end
