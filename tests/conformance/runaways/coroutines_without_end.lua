-- SPDX-License-Identifier: MIT
-- Each coroutine makes and runs the next one.
local function deeper() return coroutine.wrap(deeper)() end
return function() while true do pcall(deeper) end end
