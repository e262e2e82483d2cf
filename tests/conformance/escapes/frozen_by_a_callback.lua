-- SPDX-License-Identifier: MIT
-- tries: to write from inside of gsub
-- expects: the table is frozen
return function(client, gateway)
  ("try"):gsub(".+", function(name)
    gateway.events[name] = nil
  end)
end
