-- SPDX-License-Identifier: MIT
-- Its code is compiled: nothing but the end of the worker ends a loop of it.
local tide = require "tidegate"
local events = {}

events["worker"] = function() return tide.worker end
events["echo"] = function(_, data) return data end
events["spin"] = function()
  local x = 0
  while true do x = x + 1 end
end

return { path = "/compiled", events = events, jit = true }
