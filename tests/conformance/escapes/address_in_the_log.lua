-- SPDX-License-Identifier: MIT
-- tries: to see an address through print
-- expects: no address was shown
return function(client, gateway)
  print({}, print, client)
  assert(("%s"):format({}):find("0x"), "no address was shown")
end
