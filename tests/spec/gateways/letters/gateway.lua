-- SPDX-License-Identifier: MIT
-- The first version of a gateway that specs deploy over: it tells which version a call runs on.
local tide = require "tidegate"
local events, seen = {}, 0

function events.count(client)
  client.state.count = (client.state.count or 0) + 1
  seen = seen + 1
  return { version = 1, mine = client.state.count, seen = seen }
end

function events.rest(client, ms)
  tide.sleep(ms)
  client:broadcast("rested")
  return { version = 1, mine = client.state.count }
end

function events.crowd(client)
  client:broadcast("crowd", tide.room("all"):count())
end

function events.ring(_, ms)
  tide.after(ms, function()
    tide.broadcast("rang", 1)
  end)
end

function events.spoil(client)
  client.state.f = print
end

function events.who()
  return tide.generation
end

return {
  path = "/letters",
  events = events,
  on_connect = function(client)
    client:join("all")
  end,
  on_disconnect = function(client)
    client:broadcast("left", 1)
  end,
  save = function()
    return { seen = seen }
  end,
  restore = function(saved)
    seen = saved.seen
  end,
}
