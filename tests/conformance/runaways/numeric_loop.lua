-- SPDX-License-Identifier: MIT
-- A loop that counts.
return function()
  local x = 0
  for i = 1, math.huge do x = x + i end
  return x
end
