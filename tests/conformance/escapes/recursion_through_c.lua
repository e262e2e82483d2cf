-- SPDX-License-Identifier: MIT
-- tries: to overflow the C stack
-- expects: stack overflow|ran out of its CPU budget
return function(client, gateway)
  local function f()
    return (("x"):gsub("x", f))
  end
  return f()
end
