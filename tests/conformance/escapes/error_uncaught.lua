-- SPDX-License-Identifier: MIT
-- tries: to have __tostring called by whoever logs an error
-- expects: nobody called it
return function(client, gateway)
  local called = false
  local object = setmetatable({}, { __tostring = function()
    called = true
    return "x"
  end })
  require("tidegate").after(0, function()
    error(object)
  end)
  require("tidegate").sleep(30)
  assert(called, "nobody called it")
end
