-- SPDX-License-Identifier: MIT
-- tries: to get hold of the coroutine that the server runs handlers in
-- expects: there is no such coroutine
return function(client, gateway)
  local co = coroutine.running()
  assert(co, "there is no such coroutine")
  coroutine.resume(co)
end
