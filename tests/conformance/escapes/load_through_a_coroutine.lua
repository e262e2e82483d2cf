-- SPDX-License-Identifier: MIT
-- tries: to start a coroutine with load
-- expects: bad argument #1 to '(wrap|create)'
return function(client, gateway)
  return coroutine.wrap(loadstring)("return 1")
end
