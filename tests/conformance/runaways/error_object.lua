-- SPDX-License-Identifier: MIT
-- An error object whose text would be found by a loop.
-- outcome: handler_error
return function()
  error(setmetatable({}, { __tostring = function() while true do end end }))
end
