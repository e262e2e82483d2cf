-- SPDX-License-Identifier: MIT
-- A protocol of its own, frame by frame.

return {
  path = "/protocol",
  subprotocols = { "shout.v1" },
  on_text = function(client, text)
    client:send_text(text:upper())
  end,
  on_binary = function(client, bytes)
    client:send_binary(bytes:reverse())
  end,
}
