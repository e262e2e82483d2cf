-- SPDX-License-Identifier: MIT
-- Never comes to rest: a timer that is due at once sets another.

local tide = require "tidegate"

local function again()
  tide.after(0, again)
end

return { path = "/restless", events = { start = again } }
