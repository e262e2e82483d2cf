-- SPDX-License-Identifier: MIT
-- tries: to write to a string
-- expects: attempt to index local 's'
return function(client, gateway)
  local s = "x"
  s.upper = error
end
