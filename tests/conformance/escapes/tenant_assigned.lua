-- SPDX-License-Identifier: MIT
-- tries: to set the tenant
-- expects: a client's fields can't be set; client.state is yours
return function(client, gateway)
  client.tenant = { id = "globex" }
end
