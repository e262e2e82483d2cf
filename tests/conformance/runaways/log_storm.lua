-- SPDX-License-Identifier: MIT
-- More log lines than are let through.
local tide = require "tidegate"
return function() while true do tide.log.info("again") end end
