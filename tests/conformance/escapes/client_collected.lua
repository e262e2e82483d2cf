-- SPDX-License-Identifier: MIT
-- tries: to call a handle's __gc by hand, so that it frees twice
-- expects: attempt to call method '__gc' \(a nil value\)
return function(client, gateway)
  client:__gc()
  client:__gc()
end
