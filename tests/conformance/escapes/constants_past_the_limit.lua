-- SPDX-License-Identifier: MIT
-- tries: to overflow the table of constants
-- at: load
-- expects: too many|limit|overflow|main function has more than
return print
