-- SPDX-License-Identifier: MIT
-- Takes memory when asked to, and gives it back.
local events = {}
local kept = {}
local wasted = 0

events["take"] = function(_, mebibytes)
  for _ = 1, mebibytes do
    kept[#kept + 1] = string.rep("x", 1048576 + #kept)
  end
  return #kept
end

-- What is kept no more is freed when the collector gets there; new strings make it go on.
events["give"] = function()
  kept = {}
  for _ = 1, 8 do
    wasted = wasted + 1
    string.rep("y", 1048576 + wasted)
  end
  return wasted
end

return { path = "/cellar", events = events }
