-- SPDX-License-Identifier: MIT
-- Functions that each hold the one before.
return function()
  while true do
    pcall(function()
      local f = function() end
      while true do
        local before = f
        f = function() return before end
      end
    end)
  end
end
