-- SPDX-License-Identifier: MIT
-- tries: to overflow the C stack by __tostring
-- expects: stack overflow|ran out of its CPU budget
return function(client, gateway)
  local t
  t = setmetatable({}, { __tostring = function()
    return tostring(t)
  end })
  return tostring(t)
end
