-- SPDX-License-Identifier: MIT
-- tries: the same by require
-- expects: module 'jit' not found
return function(client, gateway)
  require("jit").on()
end
