-- SPDX-License-Identifier: MIT
-- tries: to end the worker
-- expects: attempt to call field 'exit' \(a nil value\)
return function(client, gateway)
  return os.exit(1)
end
