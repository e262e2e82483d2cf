-- SPDX-License-Identifier: MIT
-- A broadcast to subscribers of which some never read, and how far their queues have ever been
-- filled: looked at every few milliseconds, from outside, while there are any. It is served beside
-- the gateways of other cases, which nothing here may cost anything.
local tide = require "tidegate"
local events = {}
local subscribers = {}
local worst = { messages = 0, bytes = 0 }
local is_looking = false

local EVERY_MS = 20

local function look()
  is_looking = next(subscribers) ~= nil
  if not is_looking then
    return
  end
  for client in pairs(subscribers) do
    local messages, bytes = client:queued()
    worst.messages = math.max(worst.messages, messages or 0)
    worst.bytes = math.max(worst.bytes, bytes or 0)
  end
  tide.after(EVERY_MS, look)
end

events.join = function(client)
  client:join("slow")
  subscribers[client] = true
  if not is_looking then
    is_looking = true
    tide.after(EVERY_MS, look)
  end
  client:send("joined", true)
end

events.publish = function(_, data)
  tide.room("slow"):emit("publish", data)
end

events.worst = function(client)
  client:send("worst", worst)
end

return {
  path = "/slow",
  events = events,
  on_disconnect = function(client)
    subscribers[client] = nil
  end,
}
