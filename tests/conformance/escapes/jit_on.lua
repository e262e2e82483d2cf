-- SPDX-License-Identifier: MIT
-- tries: to turn the compiler on, whose loops nothing interrupts
-- expects: attempt to index global 'jit' \(a nil value\)
return function(client, gateway)
  jit.on()
end
