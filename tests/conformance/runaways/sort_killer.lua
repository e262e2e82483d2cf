-- SPDX-License-Identifier: MIT
-- An order function that lets each pivot be one of the least elements left, for quadratic time.
return function()
  local n, value, solid, candidate, list = 200000, {}, 0, 0, {}
  for i = 1, n do
    list[i], value[i] = i, n
  end
  table.sort(list, function(a, b)
    if value[a] == n and value[b] == n then
      solid = solid + 1
      value[a == candidate and a or b] = solid
    end
    if value[a] == n then candidate = a elseif value[b] == n then candidate = b end
    return value[a] < value[b]
  end)
end
