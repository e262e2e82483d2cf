-- SPDX-License-Identifier: MIT
-- tries: to see where a coroutine lies
-- expects: no address was shown
return function(client, gateway)
  assert(tostring(coroutine.create(print)):find("0x"), "no address was shown")
end
