-- SPDX-License-Identifier: MIT
-- tries: to read the secret from the environment
-- expects: attempt to call field 'getenv' \(a nil value\)
return function(client, gateway)
  return os.getenv("TIDEGATE_AUTH_SECRET")
end
