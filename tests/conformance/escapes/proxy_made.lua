-- SPDX-License-Identifier: MIT
-- tries: to make userdata with a finalizer
-- expects: attempt to call global 'newproxy' \(a nil value\)
return function(client, gateway)
  getmetatable(newproxy(true)).__gc = error
end
