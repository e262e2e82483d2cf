-- SPDX-License-Identifier: MIT
-- Turns clients away in the way that their query asks for.
local tide = require "tidegate"
local disconnects = 0

return {
  path = "/door",
  events = {
    ["disconnects"] = function() return disconnects end,
    ["worker"] = function() return tide.worker end,
  },
  on_connect = function(client)
    local how = client.query.how
    if client.query.nap then
      tide.sleep(30)
    end
    if how == "false" then
      return false
    elseif how == "code" then
      return false, 4321, "not today"
    elseif how == "raise" then
      error("the lock is jammed")
    elseif how == "close" then
      client:close(4000, "closed while entering")
    end
  end,
  on_disconnect = function() disconnects = disconnects + 1 end,
}
