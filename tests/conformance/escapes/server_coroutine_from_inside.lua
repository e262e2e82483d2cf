-- SPDX-License-Identifier: MIT
-- tries: the same from a coroutine of one's own
-- expects: cannot resume (running|dead|normal|non-suspended) coroutine
return function(client, gateway)
  local inner = coroutine.wrap(function()
    return coroutine.running()
  end)
  assert(coroutine.resume(inner()))
end
