-- SPDX-License-Identifier: MIT
-- tries: to overflow the C stack by a frozen table's __index
-- expects: stack overflow|ran out of its CPU budget
return function(client, gateway)
  return gateway.lost.anything
end
