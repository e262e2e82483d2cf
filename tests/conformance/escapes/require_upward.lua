-- SPDX-License-Identifier: MIT
-- tries: to load a file above the folder
-- expects: is no module name
return function(client, gateway)
  return require "../neighbour/gateway"
end
