-- SPDX-License-Identifier: MIT
-- tries: to have a traceback function that is the debug library's
-- expects: attempt to index global 'debug' \(a nil value\)
return function(client, gateway)
  return xpcall(error, debug.traceback)
end
