-- SPDX-License-Identifier: MIT
-- tries: to replace the environment as in Lua 5.2
-- expects: global '_ENV' is not declared
return function(client, gateway)
  _ENV = { print = print }
end
