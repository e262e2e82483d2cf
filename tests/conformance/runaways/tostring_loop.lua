-- SPDX-License-Identifier: MIT
-- A loop in __tostring, called by tostring, print and the log.
local tide = require "tidegate"
local t = setmetatable({}, { __tostring = function() while true do end end })
return function()
  while true do
    pcall(tostring, t)
    pcall(print, t)
    pcall(string.format, "%s", t)
    pcall(tide.log.info, "m", { t = t })
  end
end
