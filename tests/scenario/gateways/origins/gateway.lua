-- SPDX-License-Identifier: MIT
-- Open to pages of one site.
return {
  path = "/origins",
  origins = { "https://app.example" },
  events = { ["fine"] = function() return "fine" end },
}
