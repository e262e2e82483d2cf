-- SPDX-License-Identifier: MIT
-- tries: to leave a variable that every handler shares
-- expects: global 'counter' is not declared: use local, or tide.global
return function(client, gateway)
  counter = 1
end
