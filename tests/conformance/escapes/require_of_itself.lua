-- SPDX-License-Identifier: MIT
-- tries: to fall into a ring
-- expects: module 'lib.ring' requires itself
return function(client, gateway)
  return require "lib.ring"
end
