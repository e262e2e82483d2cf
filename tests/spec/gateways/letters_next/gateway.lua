-- SPDX-License-Identifier: MIT
-- The second version of letters, at another path.
local tide = require "tidegate"
local events, seen = {}, 100

function events.count(client)
  client.state.count = (client.state.count or 0) + 1
  seen = seen + 1
  return { version = 2, mine = client.state.count, seen = seen }
end

function events.who()
  return tide.generation
end

return {
  path = "/post",
  events = events,
  on_disconnect = function(client)
    client:broadcast("left", 2)
  end,
  save = function()
    return { seen = seen }
  end,
  restore = function(saved)
    seen = saved.seen
  end,
}
