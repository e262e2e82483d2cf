-- SPDX-License-Identifier: MIT
-- tries: to require the debug library
-- expects: module 'debug' not found
return function(client, gateway)
  return require("debug").getinfo(1)
end
