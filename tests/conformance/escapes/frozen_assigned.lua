-- SPDX-License-Identifier: MIT
-- tries: to take a handler away
-- expects: the table is frozen: 'try' can't be set
return function(client, gateway)
  gateway.events.try = nil
end
