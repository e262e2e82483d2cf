-- SPDX-License-Identifier: MIT
-- tries: to write to a handle raw
-- expects: bad argument #1 to 'rawset'|table expected, got userdata
return function(client, gateway)
  rawset(client, "id", "other")
end
