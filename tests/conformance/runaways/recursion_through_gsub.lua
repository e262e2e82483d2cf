-- SPDX-License-Identifier: MIT
-- The same through functions of C.
local function deeper()
  pcall(string.gsub, "x", "x", deeper)
  pcall(string.gsub, "x", "x", deeper)
end
return function() deeper() end
