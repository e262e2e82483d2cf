-- SPDX-License-Identifier: MIT
-- tries: to change what another file gets
-- expects: cannot be reached|nobody got it
return function(client, gateway)
  local twice = require "lib.twice"
  local mine = { evil = true }
  pcall(rawset, require, "lib.twice", mine)
  assert(require "lib.twice" == mine and twice ~= mine, "nobody got it")
end
