-- SPDX-License-Identifier: MIT
-- Runs away when asked to, and burns CPU time by the turn.
local tide = require "tidegate"
local events = {}

local function spin() while true do end end

events["worker"] = function() return tide.worker end
events["echo"] = function(_, data) return data end
events["spin"] = spin
events["caught"] = function() while true do pcall(spin) end end
events["later"] = function() tide.after(0, spin) end
events["after_sleep"] = function() tide.sleep(1) spin() end
events["burn"] = function(_, turns)
  local x = 0
  for i = 1, turns do x = x + i end
  return x > 0
end

return {
  path = "/runaway",
  events = events,
  on_connect = function(client) if client.query.at_once then spin() end end,
  on_disconnect = function(client) if client.query.at_the_end then spin() end end,
}
