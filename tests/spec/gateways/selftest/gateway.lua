-- SPDX-License-Identifier: MIT
-- Its selftest counts, and so does an event: what the one counts the other must not see.

local count = 0

return {
  path = "/selftest",
  events = {
    count = function()
      count = count + 1
      return count
    end,
  },
  selftest = function()
    count = count + 1
    return count == 1
  end,
}
