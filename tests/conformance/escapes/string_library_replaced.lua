-- SPDX-License-Identifier: MIT
-- tries: to replace a library of the environment
-- expects: global 'string' is the server's and can't be set
return function(client, gateway)
  string = {}
end
