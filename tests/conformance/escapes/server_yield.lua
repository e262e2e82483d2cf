-- SPDX-License-Identifier: MIT
-- tries: to yield to the server in place of a suspending call
-- expects: attempt to yield outside of a coroutine
return function(client, gateway)
  coroutine.yield(1000)
end
