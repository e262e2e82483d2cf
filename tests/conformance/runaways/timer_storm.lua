-- SPDX-License-Identifier: MIT
-- More timers than there may be.
local tide = require "tidegate"
return function() while true do pcall(tide.after, 3600000, function() end) end end
