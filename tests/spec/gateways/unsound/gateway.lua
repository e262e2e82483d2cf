-- SPDX-License-Identifier: MIT
-- Loads, and its own selftest says that it should not go live.

return {
  path = "/unsound",
  events = {},
  selftest = function()
    return false, "one is missing"
  end,
}
