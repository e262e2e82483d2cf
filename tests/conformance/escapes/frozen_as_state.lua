-- SPDX-License-Identifier: MIT
-- tries: to write by way of client.state
-- expects: the table is frozen
return function(client, gateway)
  client.state = gateway.events
  client.state.try = nil
end
