-- SPDX-License-Identifier: MIT
local tide = require "tidegate"

local function say(client, data)
  if type(data) ~= "table" or type(data.text) ~= "string" then
    return nil, "bad_request", "text is missing"
  end
  tide.room("lobby"):emit("message::receive", { from = client.id:sub(-4), text = data.text })
  return { delivered = true }
end

return {
  path = "/chat",
  origins = { "http://localhost:8000" },
  on_connect = function(client) client:join("lobby") end,
  events = { ["message::send"] = say },
}
