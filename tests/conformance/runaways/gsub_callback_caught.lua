-- SPDX-License-Identifier: MIT
-- string.gsub calls again and again, and each call catches what stops it.
return function()
  while true do
    pcall(string.gsub, ("x"):rep(1000), "x", function() pcall(function() while true do end end) end)
  end
end
