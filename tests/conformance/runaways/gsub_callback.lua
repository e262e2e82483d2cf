-- SPDX-License-Identifier: MIT
-- The loop is in a function that string.gsub calls.
return function()
  return (("x"):rep(100):gsub("x", function() while true do end end))
end
