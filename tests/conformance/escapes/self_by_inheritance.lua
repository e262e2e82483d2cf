-- SPDX-License-Identifier: MIT
-- tries: to call a method of the client on a table that inherits from it
-- expects: client expected, got table
return function(client, gateway)
  setmetatable({}, { __index = client }):send("x")
end
