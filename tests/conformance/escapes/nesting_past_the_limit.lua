-- SPDX-License-Identifier: MIT
-- tries: to overflow the parser
-- at: load
-- expects: chunk has too many (syntax|C) levels|too many|overflow
return print
