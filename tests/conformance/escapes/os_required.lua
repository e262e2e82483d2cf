-- SPDX-License-Identifier: MIT
-- tries: to get the whole os library
-- expects: module 'os' not found
return function(client, gateway)
  return require("os").execute("true")
end
