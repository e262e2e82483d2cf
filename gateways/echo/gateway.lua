-- SPDX-License-Identifier: MIT
-- Sends back what it is sent; README.md says how.

local events = {}

function events.echo(client, data)
  client:send("echo", data)
  return data
end

return {
  path = "/echo",
  events = events,
}
