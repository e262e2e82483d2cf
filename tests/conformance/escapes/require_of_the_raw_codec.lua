-- SPDX-License-Identifier: MIT
-- tries: to get the codec without its bounds
-- expects: module 'cjson.safe' (not found|is no)
return function(client, gateway)
  return require "cjson.safe"
end
