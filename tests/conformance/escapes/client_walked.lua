-- SPDX-License-Identifier: MIT
-- tries: to walk a handle as a table
-- expects: bad argument #1 to 'next'|table expected, got userdata
return function(client, gateway)
  return next(client)
end
