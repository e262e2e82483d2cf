-- SPDX-License-Identifier: MIT
-- Says which worker a client is on, and keeps that worker busy for ever when asked to.
local tide = require "tidegate"
local events = {}

events["worker"] = function() return tide.worker end
events["echo"] = function(_, data) return data end
events["spin"] = function() while true do end end

return { path = "/where", events = events }
