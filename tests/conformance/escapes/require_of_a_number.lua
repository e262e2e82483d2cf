-- SPDX-License-Identifier: MIT
-- tries: to require what is no name
-- expects: string expected, got number
return function(client, gateway)
  return require(1)
end
