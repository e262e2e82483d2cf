-- SPDX-License-Identifier: MIT
-- Tables until memory ends, again and again.
return function()
  while true do
    pcall(function()
      local t = {}
      while #t >= 0 do t[#t + 1] = { #t } end
    end)
  end
end
