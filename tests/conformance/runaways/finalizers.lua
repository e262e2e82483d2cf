-- SPDX-License-Identifier: MIT
-- A finalizer would run where nothing can stop it: there is no way to make one.
-- outcome: data
return function()
  if newproxy then newproxy(true) end -- luacheck: ignore
  local t
  for _ = 1, 20000 do t = setmetatable({}, { __gc = function() while true do end end }) end
  return t ~= nil and newproxy == nil -- luacheck: ignore
end
