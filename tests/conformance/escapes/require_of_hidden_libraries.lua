-- SPDX-License-Identifier: MIT
-- tries: to get LuaJIT's own libraries
-- expects: module 'table.new' not found
return function(client, gateway)
  return require "table.new"
end
