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

-- Data is not decoded, and goes back as the JSON that it is.
events.relay = function(client, text)
  client:send("relay", tide.json.raw(text))
end

return { path = "/bench", events = events, raw = { relay = true } }
