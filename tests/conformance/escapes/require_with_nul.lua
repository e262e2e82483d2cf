-- SPDX-License-Identifier: MIT
-- tries: to cut a name short by a NUL
-- expects: is no module name
return function(client, gateway)
  return require "lib.twice\0.x"
end
