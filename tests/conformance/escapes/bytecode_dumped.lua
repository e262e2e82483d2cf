-- SPDX-License-Identifier: MIT
-- tries: to have bytecode to tamper with
-- expects: attempt to call field 'dump' \(a nil value\)
return function(client, gateway)
  return string.dump(function() end)
end
