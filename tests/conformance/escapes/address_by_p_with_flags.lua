-- SPDX-License-Identifier: MIT
-- tries: to see an address by %p behind flags
-- expects: not known here|invalid|unknown
return function(client, gateway)
  return ("%-020p"):format(print)
end
