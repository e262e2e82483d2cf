-- SPDX-License-Identifier: MIT
-- tries: to read the stack below the arguments
-- expects: bad argument #1 to .*out of range
return function(client, gateway)
  return select(-1e9, 1)
end
