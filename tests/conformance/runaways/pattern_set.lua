-- SPDX-License-Identifier: MIT
-- A set so long that each octet takes a walk, in a pattern that tries again from each place.
return function()
  local set = "[" .. ("b"):rep(1e5) .. "]"
  return (("a"):rep(1e5)):find(set .. "*" .. set .. "*c")
end
