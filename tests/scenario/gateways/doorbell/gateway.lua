-- SPDX-License-Identifier: MIT
-- Lets in who brings a token with the first message.
local tide = require "tidegate"
local connects = 0
local events = {}

events["who"] = function(client)
  return { sub = client:claim("sub"), tenant = client.tenant, rooms = client:rooms() }
end

events["connects"] = function() return connects end

return {
  path = "/doorbell",
  auth = "first_message",
  on_connect = function(client)
    connects = connects + 1
    client:join("hall")
    client:send("welcome", client:claim("sub"))
    tide.room("hall"):emit("came", client:claim("sub"), { except = client })
  end,
  on_disconnect = function(_, cause) tide.log.info("left", { cause = cause }) end,
  events = events,
}
