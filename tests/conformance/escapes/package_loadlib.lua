-- SPDX-License-Identifier: MIT
-- tries: to load a C library
-- expects: attempt to index global 'package' \(a nil value\)
return function(client, gateway)
  return package.loadlib("libc.so.6", "system")
end
