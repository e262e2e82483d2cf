-- SPDX-License-Identifier: MIT
-- tries: to require a file of bytecode
-- at: load
-- expects: bytecode is not loaded, only source text
return function(client, gateway)
  return require "lib.code"
end
