-- SPDX-License-Identifier: MIT
-- tries: to write raw
-- expects: the table is frozen: rawset can't change it
return function(client, gateway)
  rawset(gateway.events, 'try', nil)
end
