-- SPDX-License-Identifier: MIT
-- Runs away when asked to, and burns CPU time by the millisecond.
local tide = require "tidegate"
local events = {}

local function spin() while true do end end

events["worker"] = function() return tide.worker end
events["echo"] = function(_, data) return data end
events["spin"] = spin
events["caught"] = function() while true do pcall(spin) end end
events["later"] = function() tide.after(0, spin) end
events["after_sleep"] = function() tide.sleep(1) spin() end
events["burn"] = function(_, ms)
  local till = os.clock() + ms / 1000
  while os.clock() < till do end
  return true
end

return {
  path = "/runaway",
  events = events,
  on_connect = function(client) if client.query.at_once then spin() end end,
  on_disconnect = function(client) if client.query.at_the_end then spin() end end,
}
