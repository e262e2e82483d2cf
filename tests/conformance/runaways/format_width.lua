-- SPDX-License-Identifier: MIT
-- Widths and precisions, right ones and others.
return function()
  while true do
    pcall(string.format, "%99.99f", 1e308)
    pcall(string.format, "%999999999d", 1)
    pcall(string.format, ("%99.99f"):rep(1000), 1)
    pcall(string.format, ("%s"):rep(100), unpack((function()
      local t = {}
      for i = 1, 100 do t[i] = ("x"):rep(100000) end
      return t
    end)()))
  end
end
