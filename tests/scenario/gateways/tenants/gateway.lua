-- SPDX-License-Identifier: MIT
-- Lets nobody in without a tenant.
return {
  path = "/tenants",
  tenant = "required",
  events = {
    ["whoami"] = function(client) return client.tenant end,
  },
}
