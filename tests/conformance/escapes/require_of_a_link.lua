-- SPDX-License-Identifier: MIT
-- tries: to load a file outside through a symbolic link
-- at: load
-- expects: it is a symbolic link, none is followed here
return print
