-- SPDX-License-Identifier: MIT
-- The same in a replacement.
return function() return (("a"):rep(300)):gsub((".*"):rep(6) .. "b", "c") end
