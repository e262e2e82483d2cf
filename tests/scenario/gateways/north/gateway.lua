-- SPDX-License-Identifier: MIT
-- Rooms, once in the north and once in the south: the same names, but never the same rooms.
local tide = require "tidegate"
local events = {}

events["join"] = function(client, room) return client:join(room) end
events["leave"] = function(client, room) return client:leave(room) end
events["rooms"] = function(client) return client:rooms() end
events["count"] = function(_, room) return tide.room(room):count() end
events["members"] = function(_, room) return tide.room(room):members() end
events["id"] = function(client) return client.id end
events["worker"] = function() return tide.worker end

-- With what count() says beside the number.
events["census"] = function(_, room) return { tide.room(room):count() } end

events["say"] = function(client, data)
  local except = data.but_me and { except = client } or nil
  return tide.room(data.room):emit("said", data.text, except)
end

events["shout"] = function(client, data)
  return client:broadcast("shouted", data.text, data.but_me and { except = client } or nil)
end

events["announce"] = function(_, text) return tide.broadcast("announced", text) end

-- The room belongs to the tenant of the caller, also after it has slept or set a timer.
events["say_later"] = function(_, data)
  tide.after(data.ms, function() tide.room(data.room):emit("said", data.text) end)
  return true
end

return { path = "/north", events = events }
