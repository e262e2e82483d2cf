-- SPDX-License-Identifier: MIT
-- Long texts that are read and written again and again.
local tide = require "tidegate"
return function()
  local text = "[" .. ("[1,2,{\"a\":\"b\\u0041\"}],"):rep(9000) .. "1]"
  while true do
    local value = tide.json.decode(text)
    pcall(tide.json.encode, value)
    pcall(tide.json.decode, ("["):rep(1000000))
    pcall(tide.json.encode, ("\1"):rep(5000000))
  end
end
