-- SPDX-License-Identifier: MIT
-- Deeper and deeper until the stack ends.
local function deeper(n) return 1 + deeper(n + 1) end
return function() while true do pcall(deeper, 1) end end
