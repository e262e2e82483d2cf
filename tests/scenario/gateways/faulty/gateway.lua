-- SPDX-License-Identifier: MIT
-- Handlers that fail in every way.
local tide = require "tidegate"
local failures = 0
local events = {}

events["boom"] = function() error("the kettle is empty") end
events["index"] = function(_, data) return data.no.such.field end
events["late_boom"] = function()
  tide.sleep(20)
  error({ code = "an error that is no text" })
end
events["unencodable"] = function() return { f = function() end } end
events["deep"] = function()
  local function down() return 1 + down() end
  return down()
end
events["bomb"] = function()
  local parts = {}
  for i = 1, 1e9 do
    parts[i] = ("x"):rep(1024 * 1024) .. i
  end
  return #parts
end
events["failures"] = function() return failures end
events["fine"] = function() return "fine" end

return {
  path = "/faulty",
  events = events,
  on_error = function() failures = failures + 1 end,
}
