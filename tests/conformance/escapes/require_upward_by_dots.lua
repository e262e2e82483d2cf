-- SPDX-License-Identifier: MIT
-- tries: the same by dots
-- expects: is no module name
return function(client, gateway)
  return require "...neighbour.gateway"
end
