-- SPDX-License-Identifier: MIT
-- Lets nobody in without a token.
return {
  path = "/members",
  auth = "required",
  events = {
    ["whoami"] = function(client) return { sub = client:claim("sub") } end,
  },
}
