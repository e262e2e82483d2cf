-- SPDX-License-Identifier: MIT
-- tries: to run any file at once
-- expects: attempt to call global 'dofile' \(a nil value\)
return function(client, gateway)
  return dofile("/etc/hostname")
end
