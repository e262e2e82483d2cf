-- SPDX-License-Identifier: MIT
-- tries: to change what numbers look like in the whole process
-- expects: attempt to call field 'setlocale' \(a nil value\)
return function(client, gateway)
  return os.setlocale("")
end
