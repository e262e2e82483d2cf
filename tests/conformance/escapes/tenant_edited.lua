-- SPDX-License-Identifier: MIT
-- tries: to move to another tenant
-- expects: the tenant is as it was
return function(client, gateway)
  client.tenant.id = "globex"
  assert(client.tenant.id == "globex", "the tenant is as it was")
end
