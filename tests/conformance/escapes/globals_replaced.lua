-- SPDX-License-Identifier: MIT
-- tries: to replace the table of globals
-- expects: global '_G' is not declared
return function(client, gateway)
  _G = { print = error }
end
