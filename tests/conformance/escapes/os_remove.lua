-- SPDX-License-Identifier: MIT
-- tries: to delete a file
-- expects: attempt to call field 'remove' \(a nil value\)
return function(client, gateway)
  return os.remove("gateway.lua")
end
