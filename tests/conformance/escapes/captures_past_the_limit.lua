-- SPDX-License-Identifier: MIT
-- tries: to overflow the captures of a pattern
-- expects: too many captures|malformed pattern|pattern too complex
return function(client, gateway)
  return ("x"):find(("("):rep(1000))
end
