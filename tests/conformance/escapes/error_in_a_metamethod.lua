-- SPDX-License-Identifier: MIT
-- tries: to break the server by a metamethod that fails in its hands
-- expects: the server reads raw
return function(client, gateway)
  local tide = require "tidegate"
  local hostile = setmetatable({ a = 1 }, { __index = error, __newindex = error, __len = error,
    __pairs = error, __eq = error, __metatable = "x" })
  assert(tide.json.encode(hostile) == '{"a":1}')
  assert(client:send("event", hostile))
  tide.log.info("x", hostile)
  error("the server reads raw", 0)
end
