-- SPDX-License-Identifier: MIT
-- Texts as large as memory allows, and larger.
return function()
  while true do
    pcall(string.rep, "x", 30000000)
    pcall(string.rep, "x", 1e15)
    pcall(string.rep, "", 1e15)
    pcall(string.rep, "x", 1e9, ",")
  end
end
