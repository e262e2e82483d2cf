-- SPDX-License-Identifier: MIT
-- A broadcast to subscribers of which some never read, and how far their queues have ever been
-- filled: looked at every few milliseconds, from outside.
local tide = require "tidegate"
local events = {}
local subscribers = {}
local worst = { messages = 0, bytes = 0 }

local EVERY_MS = 20

local function look()
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
  client:send("joined", true)
end

events.publish = function(_, data)
  tide.room("slow"):emit("publish", data)
end

events.worst = function(client)
  client:send("worst", worst)
end

tide.after(EVERY_MS, look)

return {
  path = "/slow",
  events = events,
  on_disconnect = function(client)
    subscribers[client] = nil
  end,
}
