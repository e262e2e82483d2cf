-- SPDX-License-Identifier: MIT
-- tries: to see an address through __name
-- expects: no address was shown
return function(client, gateway)
  local t = setmetatable({}, { __name = "0" })
  assert(tostring(t):find("0"), "no address was shown")
end
