-- SPDX-License-Identifier: MIT
-- tries: to make the server take a table for the signal
-- expects: attempt to yield outside of a coroutine
return function(client, gateway)
  coroutine.yield({}, client, 1)
end
