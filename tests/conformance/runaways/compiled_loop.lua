-- SPDX-License-Identifier: MIT
-- A compiled loop looks at no hook: its worker is killed.
-- gateway: jit = true
-- needs the supervisor
return function()
  local x = 0
  while true do x = x + 1 end
end
