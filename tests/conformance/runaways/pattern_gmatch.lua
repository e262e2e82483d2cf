-- SPDX-License-Identifier: MIT
-- The same in an iterator.
return function()
  local count = 0
  for _ in (("a"):rep(300)):gmatch((".-"):rep(8) .. "b") do count = count + 1 end
  return count
end
