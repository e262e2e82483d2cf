-- SPDX-License-Identifier: MIT
-- tries: to stop the collector
-- expects: attempt to call global 'collectgarbage' \(a nil value\)
return function(client, gateway)
  collectgarbage("stop")
end
