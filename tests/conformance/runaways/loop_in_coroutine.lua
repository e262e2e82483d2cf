-- SPDX-License-Identifier: MIT
-- A loop in a coroutine in a coroutine.
return function()
  coroutine.wrap(function()
    coroutine.wrap(function() while true do end end)()
  end)()
end
