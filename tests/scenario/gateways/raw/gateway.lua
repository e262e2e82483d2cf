-- SPDX-License-Identifier: MIT
-- A protocol of its own: what comes goes back as it is.
return {
  path = "/raw",
  subprotocols = { "raw.v2", "raw.v1" },
  on_text = function(client, text)
    if text == "close" then
      client:close(4000, "as you wish")
    else
      client:send_text(text)
    end
  end,
  on_binary = function(client, bytes) client:send_binary(bytes) end,
}
