-- SPDX-License-Identifier: MIT
-- tries: to run bytecode by loadstring
-- expects: attempt to call global 'loadstring' \(a nil value\)
return function(client, gateway)
  return loadstring("\27LJ\2\0")()
end
