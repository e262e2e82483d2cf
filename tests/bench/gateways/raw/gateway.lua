-- SPDX-License-Identifier: MIT
-- Text goes back as it came: no envelope, nothing decoded.
return {
  path = "/raw",
  limits = { message_bytes = 1048576 },
  on_text = function(client, text)
    client:send_text(text)
  end,
}
