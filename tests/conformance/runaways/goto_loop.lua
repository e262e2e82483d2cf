-- SPDX-License-Identifier: MIT
-- A jump back.
return function()
  ::again::
  goto again
end
