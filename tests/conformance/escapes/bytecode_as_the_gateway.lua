-- SPDX-License-Identifier: MIT
-- tries: to be bytecode altogether
-- at: load
-- expects: bytecode is not loaded, only source text
return print
