-- SPDX-License-Identifier: MIT
-- 2^40 ways to match, none of which does.
return function() return (("a"):rep(40)):find(("a?"):rep(40) .. ("a"):rep(41)) end
