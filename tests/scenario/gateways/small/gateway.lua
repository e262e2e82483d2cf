-- SPDX-License-Identifier: MIT
-- Takes small messages only.
return {
  path = "/small",
  limits = { message_bytes = 1000 },
  on_text = function(client, text) client:send_text(tostring(#text)) end,
  on_binary = function(client, bytes) client:send_text(tostring(#bytes)) end,
}
