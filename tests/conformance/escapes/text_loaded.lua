-- SPDX-License-Identifier: MIT
-- tries: to run text that nobody has checked
-- expects: attempt to call global 'load' \(a nil value\)
return function(client, gateway)
  return load("return 1", "x", "t", {})()
end
