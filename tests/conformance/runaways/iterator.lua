-- SPDX-License-Identifier: MIT
-- A for loop whose iterator never ends.
return function() for _ in function() return 1 end do end end
