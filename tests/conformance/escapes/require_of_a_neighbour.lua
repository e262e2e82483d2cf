-- SPDX-License-Identifier: MIT
-- tries: to load another gateway's files
-- expects: module 'neighbour.gateway' not found
return function(client, gateway)
  return require "neighbour.gateway"
end
