-- SPDX-License-Identifier: MIT
-- tries: to get the content from the state of a loop
-- expects: the table is frozen
return function(client, gateway)
  local _, content = pairs(gateway.events)
  content.try = nil
end
