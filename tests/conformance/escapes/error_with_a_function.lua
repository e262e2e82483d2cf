-- SPDX-License-Identifier: MIT
-- tries: to have the server keep or call what an error carries
-- expects: no function was called
return function(client, gateway)
  local called = false
  local function evil()
    called = true
    return "x"
  end
  local object = setmetatable({ traceback = evil }, { __tostring = evil, __concat = evil,
    __index = evil, __call = evil })
  pcall(error, object)
  xpcall(error, function() end, object)
  coroutine.resume(coroutine.create(error), object)
  require("tidegate").after(0, function()
    error(object)
  end)
  require("tidegate").sleep(30)
  assert(called, "no function was called")
end
