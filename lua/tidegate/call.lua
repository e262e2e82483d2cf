-- SPDX-License-Identifier: MIT
-- The bodies of the coroutines that run handlers. They are Lua so that no C function stands between
-- the handler and the server's resume: that would be a barrier to suspending.

local call = {}

-- begin() returns the function to run and its arguments; a body returns that function's results.
function call.make(begin)
  local made = {}

  local function invoke(fn, ...)
    return fn(...)
  end

  function made.body()
    return invoke(begin())
  end

  -- For functions of just two arguments, which most are: the same at a lower price.
  function made.body_of_two()
    local fn, a, b = begin()
    return fn(a, b)
  end

  -- Runs the guards of `before` in order, then the handler. What a guard returns other than true
  -- ends the event: a table is the answer, nil with a code that error, anything else forbidden.
  function made.guarded(guards, handler, client, event, data)
    for i = 1, #guards do
      local verdict, code, message = guards[i](client, event, data)
      if verdict ~= true then
        if type(verdict) == "table" then
          return verdict
        end
        if verdict == nil and code ~= nil then
          return nil, code, message
        end
        return nil, "forbidden", "a guard said no"
      end
    end
    return handler(client, data)
  end

  return made
end

return call
