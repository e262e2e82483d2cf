-- SPDX-License-Identifier: MIT
-- tries: to write to a table below, by a reference from before
-- expects: the table is frozen
return function(client, gateway)
  gateway.kept.message_bytes = 1
  gateway.limits.message_bytes = 1
end
