-- SPDX-License-Identifier: MIT
-- tries: to write from a coroutine
-- expects: the table is frozen
return function(client, gateway)
  coroutine.wrap(function()
    gateway.events.try = nil
  end)()
end
