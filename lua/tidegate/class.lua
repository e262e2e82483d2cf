-- SPDX-License-Identifier: MIT
-- How objects made in C are read. It is Lua because most of what is read are methods, and these the
-- interpreter finds faster than it calls a C function.

local class = {}

-- An __index: the method of that name, else what get(object, key) returns.
function class.make(methods, get)
  return function(object, key)
    local method = methods[key]
    if method then
      return method
    end
    return get(object, key)
  end
end

return class
