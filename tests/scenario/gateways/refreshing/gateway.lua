-- SPDX-License-Identifier: MIT
-- Shows what a refresh of the token changes and what it leaves.
local tide = require "tidegate"
local events = {}

events["join"] = function(client, room)
  client.state.joined = room
  return client:join(room)
end

events["who"] = function(client)
  return {
    claims = client.claims(),
    role = client:claim("role"),
    rooms = client:rooms(),
    joined = client.state.joined,
    tenant = client.tenant and client.tenant.id,
  }
end

events["tell"] = function(client, room)
  return tide.room(room):emit("told", client.id)
end

return { path = "/refreshing", auth = "required", events = events }
