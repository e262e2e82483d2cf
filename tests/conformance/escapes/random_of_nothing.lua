-- SPDX-License-Identifier: MIT
-- tries: to have a conversion go wrong in C
-- expects: interval is empty or too wide
return function(client, gateway)
  return math.random(0 / 0)
end
