-- SPDX-License-Identifier: MIT
-- tries: to shift down to a position far below
-- expects: ran out of its CPU budget|position out of bounds|bad argument
return function(client, gateway)
  table.insert({}, 0 / 0, 1)
  table.insert({}, -2 ^ 31, 1)
  error("bad argument was no matter", 0)
end
