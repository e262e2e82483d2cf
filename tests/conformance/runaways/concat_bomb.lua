-- SPDX-License-Identifier: MIT
-- A text that doubles until memory ends, again and again.
return function()
  while true do
    pcall(function()
      local s = "x"
      while true do s = s .. s end
    end)
  end
end
