-- SPDX-License-Identifier: MIT
-- Library functions that call back. A recursion through one of them grows the C stack, which
-- nothing of LuaJIT's bounds: each asks first.

local type = type
local callbacks = {}

-- gsub, sort: the functions to guard; check_depth() raises when the C stack is too deep.
function callbacks.make(gsub, sort, check_depth)
  local made = {}

  function made.gsub(s, pattern, replacement, ...)
    if type(replacement) ~= "string" then
      check_depth()
    end
    return gsub(s, pattern, replacement, ...)
  end

  function made.sort(...)
    check_depth()
    return sort(...)
  end

  return made
end

return callbacks
