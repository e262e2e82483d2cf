-- SPDX-License-Identifier: MIT
-- tries: to reach load where a nil would not be seen
-- expects: attempt to call a nil value
return function(client, gateway)
  return assert(pcall(loadstring, "return 1"))
end
