-- SPDX-License-Identifier: MIT
-- tries: to overflow the stack by results
-- expects: too many results to unpack
return function(client, gateway)
  return unpack({}, 1, 1e8)
end
