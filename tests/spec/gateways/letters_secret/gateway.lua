-- SPDX-License-Identifier: MIT
-- A version of letters that wants a token with the first message.
local seen = 0

return {
  path = "/letters",
  auth = "first_message",
  events = {
    count = function()
      seen = seen + 1
      return { version = 3, seen = seen }
    end,
  },
  save = function()
    return { seen = seen }
  end,
  restore = function(saved)
    seen = saved.seen
  end,
}
