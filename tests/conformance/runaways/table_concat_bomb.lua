-- SPDX-License-Identifier: MIT
-- One long text many times over.
return function()
  local t, s = {}, ("x"):rep(1000)
  for i = 1, 20000 do t[i] = s end
  while true do pcall(table.concat, t, s) end
end
