-- SPDX-License-Identifier: MIT
-- Calls that suspend a handler, and the coroutine functions that let them through.
-- A suspending call yields a signal that authors can't get hold of. The author's own coroutines
-- pass it outward, from resume to resume, until it reaches the coroutine that the server runs the
-- handler in; what the server resumes that with goes the same way back. Nothing is begun before
-- the signal has arrived, so where some coroutine on the way can't yield, the call just raises.

local suspend = {}

-- native: LuaJIT's coroutine functions, error, setmetatable; is_base(), which is true in the
-- coroutine that the server made; collect(), which collects all garbage; check_depth(), which
-- raises when the C stack is too deep: each resume inside of another takes some of it; died(co,
-- err), which notes where a coroutine was when it raised.
function suspend.make(native)
  local create, resume, yield = native.create, native.resume, native.yield
  local status, isyieldable, error = native.status, native.isyieldable, native.error
  local signal = {}
  local waiting = native.setmetatable({}, { __mode = "k" })
  local made = { signal = signal, coroutine = {} }

  local passed

  -- The server has resumed what waited.
  local function continued(co, ...)
    waiting[co] = nil
    return passed(co, resume(co, ...))
  end

  function passed(co, ok, ...)
    if not ok then
      if (...) == "not enough memory" then
        native.collect()
      end
      if status(co) == "dead" and (...) ~= "cannot resume dead coroutine" then
        native.died(co, (...))
      end
      return ok, ...
    end
    if (...) ~= signal then
      return ok, ...
    end
    if not isyieldable() then
      return passed(co, resume(co, false, "cannot suspend here"))
    end
    waiting[co] = true
    return continued(co, yield(...))
  end

  local function unwrapped(ok, ...)
    if not ok then
      error((...), 0)
    end
    return ...
  end

  made.coroutine.create = create
  made.coroutine.yield = yield
  made.coroutine.isyieldable = isyieldable

  function made.coroutine.resume(co, ...)
    if co ~= nil and waiting[co] then
      return false, "cannot resume a coroutine that waits in a suspending call"
    end
    native.check_depth()
    return passed(co, resume(co, ...))
  end

  function made.coroutine.wrap(fn)
    local co = create(fn)
    return function(...)
      return unwrapped(made.coroutine.resume(co, ...))
    end
  end

  function made.coroutine.status(co)
    if co ~= nil and waiting[co] then
      return "normal"
    end
    return status(co)
  end

  function made.coroutine.running()
    if native.is_base() then
      return nil
    end
    return native.running()
  end

  local function resumed(ok, ...)
    if not ok then
      error((...), 2)
    end
    return ...
  end

  local function begun(request, ...)
    if request == true then
      return ...
    end
    if request == nil then
      error((...), 2)
    end
    if not isyieldable() then
      error("cannot suspend here", 2)
    end
    return resumed(yield(signal, request, ...))
  end

  -- Makes a suspending function: request(...) returns what the server needs to know, or nil and
  -- what is wrong with the arguments, or true and results that needn't be waited for.
  function made.suspending(request)
    return function(...)
      return begun(request(...))
    end
  end

  return made
end

return suspend
