-- SPDX-License-Identifier: MIT
-- tries: to run any file
-- expects: attempt to call global 'loadfile' \(a nil value\)
return function(client, gateway)
  return loadfile("/etc/hostname")()
end
