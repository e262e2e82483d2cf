-- SPDX-License-Identifier: MIT
-- tries: to get LuaJIT's string buffers
-- expects: module 'string.buffer' not found
return function(client, gateway)
  return require "string.buffer"
end
