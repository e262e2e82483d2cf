-- SPDX-License-Identifier: MIT
-- A value that is small in memory and without end as text: each level holds the one below twice.
local tide = require "tidegate"
return function()
  local t = { 1 }
  for _ = 1, 60 do t = { t, t } end
  while true do pcall(tide.json.encode, t) end
end
