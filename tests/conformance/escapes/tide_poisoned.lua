-- SPDX-License-Identifier: MIT
-- tries: to have the server call a function of ours in place of tide's
-- expects: nobody called it
return function(client, gateway)
  local tide = require "tidegate"
  local called = 0
  local sleep, room = tide.sleep, tide.room
  local function evil()
    called = called + 1
  end
  for name, value in pairs(tide) do
    if type(value) == "function" then
      tide[name] = evil
    end
  end
  tide.json.encode, tide.json.decode, tide.log.error = evil, evil, evil
  sleep(1)
  room("den"):emit("event", { 1 })
  client:send("event", { 1 })
  client.claims()
  assert(called > 0, "nobody called it")
end
