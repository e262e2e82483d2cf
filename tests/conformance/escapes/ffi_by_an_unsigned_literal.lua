-- SPDX-License-Identifier: MIT
-- tries: the same in hexadecimal
-- at: load
-- expects: the literals 1LL, 1ULL and 1i are not taken
return function()
  return 0xffULL
end
