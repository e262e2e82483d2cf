-- SPDX-License-Identifier: MIT
-- tries: to replace a method of all clients
-- expects: a client's fields can't be set
return function(client, gateway)
  client.send = error
end
