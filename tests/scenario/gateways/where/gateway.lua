-- SPDX-License-Identifier: MIT
-- Says which worker a client is on.
local tide = require "tidegate"
local events = {}

events["worker"] = function() return tide.worker end
events["echo"] = function(_, data) return data end

return { path = "/where", events = events }
