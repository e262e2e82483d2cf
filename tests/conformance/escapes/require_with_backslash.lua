-- SPDX-License-Identifier: MIT
-- tries: to hide a path
-- expects: is no module name
return function(client, gateway)
  return require "lib\\..\\secret"
end
