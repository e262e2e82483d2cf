-- SPDX-License-Identifier: MIT
-- Eight lazy repetitions over a text without what they look for.
return function() return (("a"):rep(300)):match((".-"):rep(8) .. "b") end
