-- SPDX-License-Identifier: MIT
-- tries: to read the server's own globals
-- expects: attempt to call global 'getfenv' \(a nil value\)
return function(client, gateway)
  return getfenv(0).os.execute
end
