-- SPDX-License-Identifier: MIT
-- tries: to suspend inside of a C function
-- expects: cannot suspend here
return function(client, gateway)
  table.sort({ 2, 1 }, function()
    require("tidegate").sleep(1)
  end)
end
