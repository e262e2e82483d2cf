-- SPDX-License-Identifier: MIT
-- At the end of the stack every level tries again: 2^200000 calls.
local function deeper()
  pcall(deeper)
  pcall(deeper)
end
return function() deeper() end
