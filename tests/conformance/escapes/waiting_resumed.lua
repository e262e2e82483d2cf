-- SPDX-License-Identifier: MIT
-- tries: to resume a coroutine that waits for the server
-- expects: cannot resume a coroutine that waits in a suspending call
return function(client, gateway)
  local tide = require "tidegate"
  local co = coroutine.create(function()
    tide.sleep(30)
  end)
  local why
  tide.after(1, function()
    why = select(2, coroutine.resume(co))
  end)
  coroutine.resume(co)
  error(why, 0)
end
