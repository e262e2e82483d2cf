-- SPDX-License-Identifier: MIT
-- tries: to see an address by %p
-- expects: not known here|invalid|unknown
return function(client, gateway)
  return ("%p"):format({})
end
