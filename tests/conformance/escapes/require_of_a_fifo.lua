-- SPDX-License-Identifier: MIT
-- tries: to have the server wait at a FIFO for ever
-- at: load
-- expects: it is a FIFO, no regular file
return print
