-- SPDX-License-Identifier: MIT
-- A long table, sorted by C alone.
return function()
  local t = {}
  while true do
    for i = 1, 200000 do t[i] = (i * 7919) % 1000003 end
    table.sort(t)
  end
end
