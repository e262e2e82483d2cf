-- SPDX-License-Identifier: MIT
-- tries: to see where a table lies
-- expects: no address was shown
return function(client, gateway)
  assert(tostring({}):find("0x"), "no address was shown")
end
