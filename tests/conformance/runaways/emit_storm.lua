-- SPDX-License-Identifier: MIT
-- More messages than any queue takes.
local tide = require "tidegate"
return function(client)
  client:join("storm")
  client:leave("storm")
  while true do tide.room("storm"):emit("again", { 1 }) end
end
