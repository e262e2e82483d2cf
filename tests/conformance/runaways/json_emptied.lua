-- SPDX-License-Identifier: MIT
-- A table that had a million fields, as a value many times over: it takes long to see it empty.
local tide = require "tidegate"
return function()
  local empty, list = {}, {}
  for i = 1, 1e6 do empty["k" .. i % 1000 * 1000 + i] = true end
  for key in pairs(empty) do empty[key] = nil end
  for i = 1, 5e4 do list[i] = empty end
  while true do pcall(tide.json.encode, list) end
end
