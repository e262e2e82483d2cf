-- SPDX-License-Identifier: MIT
-- Keeps a journal of its clients' lives, which a witness can read. Clients name themselves in the
-- query; connect=MS makes on_connect sleep, disconnect=MS on_disconnect.
local tide = require "tidegate"
local journal = {}
local events = {}

local function name_of(client)
  return client.query.name or "nobody"
end

local function note(client, what)
  journal[#journal + 1] = name_of(client) .. " " .. what
end

events["note"] = function(client, text)
  note(client, text)
  return true
end

events["nap"] = function(client, ms)
  note(client, "falls asleep")
  tide.sleep(ms)
  note(client, "wakes up")
  return true
end

events["leave_me"] = function(client, data)
  client:close(data.code, data.reason)
  return { open = client:send("late", "still queued before the close") == true }
end

events["flood"] = function(client, data)
  local text = ("x"):rep(data.bytes)
  for sent = 1, data.messages do
    local ok, why = client:send("flood", text)
    if not ok then
      return { sent = sent - 1, why = why }
    end
  end
  return { sent = data.messages }
end

-- Of the clients on this worker.
events["journal"] = function(_, name)
  local lines = {}
  for _, line in ipairs(journal) do
    if line:sub(1, #name + 1) == name .. " " then
      lines[#lines + 1] = line:sub(#name + 2)
    end
  end
  return tide.json.array(lines)
end

events["worker"] = function() return tide.worker end
events["room_size"] = function(_, room) return tide.room(room):count() end

return {
  path = "/life",
  events = events,

  on_connect = function(client)
    note(client, "enters")
    client:join("hall")
    local nap = tonumber(client.query.connect or "")
    if nap then
      tide.sleep(nap)
      note(client, "is in")
    end
  end,

  on_disconnect = function(client, cause)
    local nap = tonumber(client.query.disconnect or "")
    if nap then
      note(client, "is leaving")
      tide.sleep(nap)
    end
    local rooms = client:rooms()
    note(client, "leaves by " .. cause .. " from " .. table.concat(rooms, ","))
    -- Witnesses come and go unseen.
    if name_of(client) ~= "witness" then
      client:broadcast("left", name_of(client))
      tide.room("hall"):emit("missed", name_of(client), { except = client })
    end
    tide.log.info("client left", { name = name_of(client), cause = cause, rooms = #rooms })
  end,
}
