-- SPDX-License-Identifier: MIT
-- Eight greedy repetitions over a text without what they look for.
return function() return (("a"):rep(300)):match(("a*"):rep(8) .. "b") end
