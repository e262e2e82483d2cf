-- SPDX-License-Identifier: MIT
-- tries: to get at C through the FFI
-- expects: module 'ffi' not found
return function(client, gateway)
  local ffi = require "ffi"
  ffi.cdef "int system(const char *)"
  ffi.C.system("true")
end
