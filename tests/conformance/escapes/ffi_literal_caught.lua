-- SPDX-License-Identifier: MIT
-- tries: to load a file with such a literal, catch the refusal, and load another
-- at: load
-- expects: literals 1LL, 1ULL and 1i are not taken
return function(client, gateway)
  pcall(require, "lib.literal")
  return require "lib.literal_again"
end
