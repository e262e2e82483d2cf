-- SPDX-License-Identifier: MIT
-- tries: to have the parser load the FFI, for cdata
-- at: load
-- expects: the literals 1LL, 1ULL and 1i are not taken
return function()
  return getmetatable(1LL)
end
