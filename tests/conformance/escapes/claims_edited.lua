-- SPDX-License-Identifier: MIT
-- tries: to become an administrator
-- expects: the claims are as they were
return function(client, gateway)
  client.claims().sub = "admin"
  assert(client.claims().sub == "admin", "the claims are as they were")
end
