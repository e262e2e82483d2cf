-- SPDX-License-Identifier: MIT
-- tries: to read a file
-- expects: attempt to index global 'io' \(a nil value\)
return function(client, gateway)
  return io.open("/etc/passwd")
end
