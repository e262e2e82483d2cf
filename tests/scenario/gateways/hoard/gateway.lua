-- SPDX-License-Identifier: MIT
-- Holds on to everything until its memory is full.
local tide = require "tidegate"
local hoard, restored = {}, nil
local events = {}

events["join"] = function(client, room) client:join(room) end
events["mark"] = function(client, mark) client.state.mark = mark end
events["see"] = function(client)
  return { held = #hoard, restored = restored, mark = client.state.mark, rooms = client:rooms() }
end
events["say"] = function(_, text) return tide.room("den"):emit("said", text) end
events["sleep"] = function() tide.sleep(60000) end
events["fill"] = function()
  local ok, err = pcall(function()
    while true do
      hoard[#hoard + 1] = ("x"):rep(4000) .. #hoard
    end
  end)
  return { ok, err }
end

return {
  path = "/hoard",
  events = events,
  save = function() return { held = #hoard } end,
  restore = function(saved) restored = saved end,
}
