-- SPDX-License-Identifier: MIT
-- Mints tokens (RFC 7519, HS256) with OpenSSL's HMAC, for the secret the driver's server knows.

local basexx = require "basexx"
local cjson = require "cjson"
local hmac = require "openssl.hmac"

local token = { SECRET = "a secret that only specs know, long enough" }

function token.mint(claims, tenant)
  local all = { exp = os.time() + 600, tenant = tenant }
  for name, value in pairs(claims) do
    all[name] = value
  end
  local text = basexx.to_url64(cjson.encode { alg = "HS256", typ = "JWT" }) .. "." ..
    basexx.to_url64(cjson.encode(all))
  return text .. "." .. basexx.to_url64(hmac.new(token.SECRET, "sha256"):final(text))
end

return token
