-- SPDX-License-Identifier: MIT
-- Writes log lines from wherever a gateway can.
local tide = require "tidegate"
local events = {}

tide.log.info("traced loads")

events["log"] = function()
  tide.log.warn("traced event", { n = 1 })
  print("traced print")
end

events["fail"] = function() error("traced failure") end

events["later"] = function()
  tide.after(10, function() tide.log.info("traced timer") end)
  tide.sleep(20)
  tide.log.info("traced sleeper")
end

return {
  path = "/traced",
  on_connect = function() tide.log.info("traced connect") end,
  on_disconnect = function() tide.log.info("traced disconnect") end,
  on_error = function() tide.log.info("traced on_error") end,
  events = events,
}
