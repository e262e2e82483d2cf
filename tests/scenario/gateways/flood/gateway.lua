-- SPDX-License-Identifier: MIT
-- Fills outbound queues, and says how full they ever were.
local tide = require "tidegate"
local victim, highest_messages, highest_bytes, refused
local events = {}

events["stand"] = function(client)
  client:join("field")
  victim, highest_messages, highest_bytes, refused = client, 0, 0, nil
  return true
end

events["worker"] = function() return tide.worker end
events["join"] = function(client) return client:join("field") end

local function measure()
  local messages, bytes = victim:queued()
  highest_messages = math.max(highest_messages, messages or 0)
  highest_bytes = math.max(highest_bytes, bytes or 0)
end

-- One message to everybody in the field, numbered.
events["pour"] = function(_, data)
  tide.room("field"):emit("drop", { number = data.number, text = ("x"):rep(data.bytes) })
  measure()
  return true
end

-- Messages to the victim alone, in one turn, until it refuses.
events["drown"] = function(_, data)
  for sent = 1, data.messages do
    local ok, why = victim:send("drop", ("x"):rep(data.bytes))
    measure()
    if not ok then
      refused = why
      return { sent = sent - 1, why = why }
    end
  end
  return { sent = data.messages }
end

events["levels"] = function()
  return { messages = highest_messages, bytes = highest_bytes, refused = refused }
end

-- drown writes tens of megabytes in one call.
return { path = "/flood", events = events, budget_ms = 2000 }
