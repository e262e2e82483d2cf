-- SPDX-License-Identifier: MIT
-- Each element that comes first moves all others.
return function()
  local t = {}
  for i = 1, 1e6 do t[i] = i end
  while true do pcall(table.insert, t, 1, 0) end
end
