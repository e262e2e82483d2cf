-- SPDX-License-Identifier: MIT
-- tries: to run a program
-- expects: attempt to call field 'execute' \(a nil value\)
return function(client, gateway)
  return os.execute("true")
end
