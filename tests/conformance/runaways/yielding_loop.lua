-- SPDX-License-Identifier: MIT
-- A coroutine that yields for ever, and a loop that resumes it.
return function()
  local co = coroutine.wrap(function() while true do coroutine.yield() end end)
  while true do co() end
end
