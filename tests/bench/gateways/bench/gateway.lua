-- SPDX-License-Identifier: MIT
-- The gateway under load, event by event the twin of peers/ws/server.js.
local tide = require "tidegate"
local events = {}

events.echo = function(client, data)
  client:send("echo", data)
end

events.join = function(client)
  client:join("bench")
  client:send("joined", true)
end

events.where = function(client)
  client:send("where", tide.worker)
end

events.publish = function(_, data)
  tide.room("bench"):emit("publish", data)
end

-- Undecoded: data is JSON as text, and goes back as a string.
events.relay = function(client, data)
  client:send("relay", data)
end

return { path = "/bench", events = events, raw = { relay = true } }
