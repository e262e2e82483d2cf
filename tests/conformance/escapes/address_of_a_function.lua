-- SPDX-License-Identifier: MIT
-- tries: to see where functions of the server lie
-- expects: no address was shown
return function(client, gateway)
  local text = tostring(print) .. tostring(require) .. ("%s"):format(pcall)
  assert(text:find("0x"), "no address was shown")
end
