-- SPDX-License-Identifier: MIT
-- tries: to set the environment of a function of the server's
-- expects: attempt to call global 'setfenv' \(a nil value\)
return function(client, gateway)
  return setfenv(require, {})
end
