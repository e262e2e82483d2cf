-- SPDX-License-Identifier: MIT
-- tries: to find a raw, unguarded twin of a frozen table
-- expects: there is no twin
return function(client, gateway)
  local twin
  for _, value in pairs(gateway) do
    if type(value) == "table" and not pcall(rawset, value, "x", nil) then
      local same = rawget(gateway, "events")
      twin = twin or (not rawequal(same, gateway.events) and same)
    end
  end
  assert(twin, "there is no twin")
end
