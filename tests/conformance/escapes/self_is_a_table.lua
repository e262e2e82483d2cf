-- SPDX-License-Identifier: MIT
-- tries: to call a method of the client on a table
-- expects: client expected, got table
return function(client, gateway)
  client.send({ id = client.id }, "x")
end
