-- SPDX-License-Identifier: MIT
-- The longest text that is read, in which each octet takes work.
local tide = require "tidegate"
return function()
  local text = '"' .. ("\\n"):rep(8000000) .. '"'
  while true do pcall(tide.json.decode, text) end
end
