-- SPDX-License-Identifier: MIT
-- tries: to overflow a path
-- expects: not found|is no module name
return function(client, gateway)
  return require(("a"):rep(5000))
end
