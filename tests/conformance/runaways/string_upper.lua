-- SPDX-License-Identifier: MIT
-- What walks once over a text as long as the state can hold.
return function()
  local s = ("x"):rep(14e6)
  while true do
    pcall(string.upper, s)
    pcall(string.reverse, s)
    pcall(tonumber, s)
  end
end
