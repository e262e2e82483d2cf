-- SPDX-License-Identifier: MIT
-- tries: to jump out of a function
-- at: load
-- expects: undefined label
return print
