-- SPDX-License-Identifier: MIT
-- A loop that does nothing.
return function() while true do end end
