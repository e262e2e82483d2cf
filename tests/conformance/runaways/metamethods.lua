-- SPDX-License-Identifier: MIT
-- Loops in the methods that operators call.
local function spin() while true do end end
local t = setmetatable({}, { __concat = spin, __lt = spin, __unm = spin, __call = spin })
return function()
  while true do
    pcall(function() return t .. "x" end)
    pcall(function() return t < t end)
    pcall(function() return -t end)
    pcall(t)
  end
end
