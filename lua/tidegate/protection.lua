-- SPDX-License-Identifier: MIT
-- pcall and xpcall. xpcall over pcall: the native one is a barrier to yields in its message
-- handler, and nothing interrupts that handler. Who catches a lack of memory wants to go on: what
-- the failed function held is garbage now, and is collected at once, before the next allocation
-- fails too.

local protection = {}

-- native: pcall, select, and collect(), which collects all garbage.
function protection.make(native)
  local pcall, select, collect = native.pcall, native.select, native.collect
  local made = {}

  local function relieved(ok, ...)
    if not ok and (...) == "not enough memory" then
      collect()
    end
    return ok, ...
  end

  local function handled(handler, ok, ...)
    if ok then
      return true, ...
    end
    return false, (select(2, made.pcall(handler, (...))))
  end

  function made.pcall(...)
    return relieved(pcall(...))
  end

  function made.xpcall(fn, handler, ...)
    return handled(handler, made.pcall(fn, ...))
  end

  return made
end

return protection
