-- SPDX-License-Identifier: MIT
-- Tells a client what handlers know of it.
local events = {}

events["whoami"] = function(client)
  return {
    id = client.id,
    claims = client.claims(),
    sub = client:claim("sub"),
    tenant = client.tenant,
    trace_id = client.trace_id,
    path = client.path,
    params = client.params,
    query = client.query,
    address = client.address,
    connected_at = client.connected_at,
  }
end

-- Claims are fresh copies: an edit must not be seen by the next reader.
events["edit"] = function(client)
  local claims = client.claims()
  claims.sub = "mallory"
  return { edited = claims.sub, kept = client.claims().sub }
end

return { path = "/whoami/:place", events = events }
