-- SPDX-License-Identifier: MIT
-- Open to pages of every site.
return {
  path = "/anywhere",
  origins = { "*" },
  events = { ["fine"] = function() return "fine" end },
}
