-- SPDX-License-Identifier: MIT
-- tries: to require the file library
-- expects: module 'io' not found
return function(client, gateway)
  return require("io").popen("id")
end
