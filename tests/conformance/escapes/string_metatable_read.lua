-- SPDX-License-Identifier: MIT
-- tries: to change what all strings can do
-- expects: attempt to index a boolean value
return function(client, gateway)
  getmetatable("").__index = { upper = error }
end
