-- SPDX-License-Identifier: MIT
-- A long needle that nearly fits everywhere.
return function()
  local hay, needle = ("a"):rep(4000000), ("a"):rep(2000000) .. "b"
  while true do hay:find(needle, 1, true) end
end
