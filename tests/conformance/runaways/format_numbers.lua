-- SPDX-License-Identifier: MIT
-- The longest numbers there are, as many as a call takes.
return function()
  local t = {}
  for i = 1, 5000 do t[i] = 1e300 end
  local format = ("%99.99f"):rep(#t)
  while true do pcall(string.format, format, unpack(t)) end
end
