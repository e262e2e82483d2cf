-- SPDX-License-Identifier: MIT
-- tries: the same from the end
-- expects: ran out of its CPU budget|not enough memory
return function(client, gateway)
  return table.move({ 1 }, -2 ^ 52, 2 ^ 52, 1 - 2 ^ 52)
end
