-- SPDX-License-Identifier: MIT
-- Sleeps and timers.
local tide = require "tidegate"
local events = {}

events["sleep"] = function(_, ms)
  local before = tide.now()
  tide.sleep(ms)
  return tide.now() - before
end

events["after"] = function(client, ms)
  tide.after(ms, function() client:send("rang", ms) end)
  return true
end

events["cancelled"] = function(client, ms)
  local timer = tide.after(ms, function() client:send("rang", "although it was cancelled") end)
  timer:cancel()
  return true
end

-- Suspends inside the author's own coroutine, pcall and xpcall.
events["deep_sleep"] = function(_, ms)
  local co = coroutine.wrap(function()
    local ok = pcall(function()
      xpcall(function() tide.sleep(ms) end, function(err) return err end)
      coroutine.yield("mine")
      tide.sleep(ms)
    end)
    return ok
  end)
  return { co(), co() }
end

events["sort_sleep"] = function()
  local ok, err = pcall(table.sort, { 3, 1, 2 }, function(a, b)
    tide.sleep(1)
    return a < b
  end)
  return { ok = ok, err = tostring(err) }
end

return { path = "/timer", events = events }
