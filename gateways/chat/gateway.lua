-- SPDX-License-Identifier: MIT
-- Rooms of people who talk; README.md says what may be sent and what comes back.

local tide = require "tidegate"

local LOBBY = "lobby"
local ROOM_BYTES_MAX = 128

local events = {}

-- The room that data names, the lobby when it names none; nil when it is no room's name.
local function room_of(data)
  local room = data.room
  if room == nil then
    return LOBBY
  end
  if type(room) == "string" and #room > 0 and #room <= ROOM_BYTES_MAX then
    return room
  end
  return nil
end

local function is_in(client, room)
  for _, joined in ipairs(client:rooms()) do
    if joined == room then
      return true
    end
  end
  return false
end

-- Who a client is to the others: its sub, or a name made of the end of its id, where ids differ.
local function name_of(client)
  local sub = client:claim("sub")
  if type(sub) == "string" then
    return sub
  end
  return "anonymous-" .. client.id:sub(-8)
end

-- Wraps a handler of { room = ... }: it is called with the room's name when there is one.
local function with_room(handler)
  return function(client, data)
    local room = type(data) == "table" and room_of(data)
    if not room then
      return nil, "bad_request", "room must be a text of 1 to " .. ROOM_BYTES_MAX .. " octets"
    end
    return handler(client, data, room)
  end
end

events["room::join"] = with_room(function(client, _, room)
  local ok, code = client:join(room)
  if not ok then
    return nil, code, "the room could not be joined"
  end
  return { room = room }
end)

events["room::leave"] = with_room(function(client, _, room)
  client:leave(room)
  return { room = room }
end)

events["message::send"] = with_room(function(client, data, room)
  if type(data.text) ~= "string" or data.text == "" then
    return nil, "bad_request", "text is missing"
  end
  if not is_in(client, room) then
    return nil, "forbidden", "only members of the room may talk in it"
  end
  local ok, code = tide.room(room):emit("message::receive", {
    room = room, from = name_of(client), text = data.text,
  })
  if not ok then
    return nil, code, "the message reached nobody"
  end
  return { delivered = true }
end)

return {
  path = "/chat",
  on_connect = function(client)
    client:join(LOBBY)
  end,
  events = events,
}
