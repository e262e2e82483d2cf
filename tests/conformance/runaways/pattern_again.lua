-- SPDX-License-Identifier: MIT
-- A back reference to half of a long text, compared at each place.
return function()
  return (("a"):rep(1e6)):find("(a*)%1b")
end
