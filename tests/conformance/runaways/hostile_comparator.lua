-- SPDX-License-Identifier: MIT
-- table.sort with an order that is none, and a loop in it.
return function()
  local t = {}
  for i = 1, 1000 do t[i] = i % 7 end
  while true do
    pcall(table.sort, t, function() return true end)
    pcall(table.sort, t, function() while true do end end)
  end
end
