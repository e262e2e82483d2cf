-- SPDX-License-Identifier: MIT
-- tries: to take all memory at once
-- expects: not enough memory|resulting string|too large|too long|ran out of its CPU budget
return function(client, gateway)
  return ("x"):rep(1e9)
end
