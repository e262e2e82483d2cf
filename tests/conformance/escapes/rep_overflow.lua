-- SPDX-License-Identifier: MIT
-- tries: to overflow a length
-- expects: not enough memory|resulting string|too large|too long|ran out of its CPU budget
return function(client, gateway)
  return ("xxxxxxxx"):rep(2 ^ 30)
end
