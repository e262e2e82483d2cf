-- SPDX-License-Identifier: MIT
-- tries: to have the server call a function of ours in place of a library's
-- expects: nobody called it
return function(client, gateway)
  local tide = require "tidegate"
  local called = 0
  local function evil()
    called = called + 1
  end
  for _, library in ipairs { string, table, math, bit, coroutine, os } do
    for name in pairs(library) do
      library[name] = evil
    end
  end
  tide.log.info("x", { a = 1 })
  tide.json.decode(tide.json.encode { a = { 1, "x" } })
  client:send("event", { "x" })
  tide.room("den"):emit("event", "x")
  xpcall(error, function() end, "x")
  pcall(require, "no.such")
  tostring(print)
  tide.sleep(1)
  assert(called > 0, "nobody called it")
end
