-- SPDX-License-Identifier: MIT
-- The loop is in the function that is to handle the error.
return function()
  while true do
    xpcall(error, function() while true do end end)
  end
end
