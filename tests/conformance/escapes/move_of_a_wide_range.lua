-- SPDX-License-Identifier: MIT
-- tries: to walk a range of numbers in C, where nothing ends it
-- expects: ran out of its CPU budget|not enough memory
return function(client, gateway)
  return table.move({ 1 }, 1, 2 ^ 53, 1)
end
