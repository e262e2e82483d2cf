-- SPDX-License-Identifier: MIT
-- tries: to load a file by its path
-- expects: is no module name
return function(client, gateway)
  return require "/etc/passwd"
end
