-- SPDX-License-Identifier: MIT
-- tries: to have a time go wrong in C
-- expects: milliseconds from 0 to a year expected
return function(client, gateway)
  require("tidegate").sleep(0 / 0)
end
