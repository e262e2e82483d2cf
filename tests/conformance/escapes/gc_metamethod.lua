-- SPDX-License-Identifier: MIT
-- tries: to have a finalizer run, in which nothing can be interrupted
-- expects: no finalizer ran
return function(client, gateway)
  local ran = false
  setmetatable({}, { __gc = function()
    ran = true
  end })
  for _ = 1, 10000 do
    local _ = { {} }
  end
  assert(ran, "no finalizer ran")
end
