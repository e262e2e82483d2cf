-- SPDX-License-Identifier: MIT
-- Memory ends inside of a function that copies, again and again.
return function()
  local text = ("A"):rep(1.9e7)
  while true do
    pcall(string.lower, text)
    pcall(string.sub, text, 2)
  end
end
