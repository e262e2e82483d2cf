-- SPDX-License-Identifier: MIT
-- tries: to read the environment of a function of the server's
-- expects: attempt to call global 'getfenv' \(a nil value\)
return function(client, gateway)
  return getfenv(print)
end
