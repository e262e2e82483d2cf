-- SPDX-License-Identifier: MIT
-- tries: to have the server wait at a FIFO for ever
-- at: load
-- expects: it is no regular file
return print
