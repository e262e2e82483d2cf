-- SPDX-License-Identifier: MIT
-- tries: to suspend while the gateway loads
-- at: load
-- expects: cannot suspend here
require("tidegate").sleep(1)
return print
