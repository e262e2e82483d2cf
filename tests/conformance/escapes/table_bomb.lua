-- SPDX-License-Identifier: MIT
-- tries: to take all memory by and by
-- expects: not enough memory|ran out of its CPU budget
return function(client, gateway)
  local t = {}
  while true do
    t[#t + 1] = { ('x'):rep(10000) .. #t }
  end
end
