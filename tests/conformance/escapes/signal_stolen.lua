-- SPDX-License-Identifier: MIT
-- tries: to catch the signal of a suspending call
-- expects: the call went through
return function(client, gateway)
  local tide = require "tidegate"
  local co = coroutine.create(function()
    tide.sleep(1)
    return "slept"
  end)
  local caught = { coroutine.resume(co) }
  assert(type(caught[2]) == "table", "the call went through")
end
