-- SPDX-License-Identifier: MIT
-- tries: to load a file outside through a symbolic link
-- at: load
-- expects: it is a symbolic link that leads out of the gateway's folder
return print
