-- SPDX-License-Identifier: MIT
-- Every way to answer a request, and guards.
local tide = require "tidegate"
local calls = 0
local events = {}

events["value"] = function(_, data) return data end
events["nothing"] = function() end
events["no"] = function() return nil, "no_such_room", "there is no room of that name" end
events["no_code"] = function() return nil end
events["boom"] = function() error("boom") end
events["slow"] = function(_, ms)
  tide.sleep(ms)
  return "slept"
end
events["slow_no"] = function(_, ms)
  tide.sleep(ms)
  return nil, "too_late", "slept"
end
events["call"] = function()
  calls = calls + 1
  return calls
end
events["calls"] = function() return calls end
events["reply_and_send"] = function(client)
  client:send("first", 1)
  client:send("second", 2)
  return "third"
end
events["raw"] = function(_, text) return type(text) .. ":" .. tostring(text) end
events["guarded"] = function() return "passed the guard" end

return {
  path = "/answers",
  events = events,
  raw = { ["raw"] = true },
  before = {
    function(_, event, data)
      if event ~= "guarded" then
        return true
      elseif data == "pass" then
        return true
      elseif data == "error" then
        return nil, "bad_request", "the guard says no"
      elseif data == "table" then
        return { from = "guard" }
      elseif data == "raise" then
        error("the guard fell asleep")
      elseif data == "false" then
        return false
      end
    end,
  },
}
