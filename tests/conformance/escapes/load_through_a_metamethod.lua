-- SPDX-License-Identifier: MIT
-- tries: to have load called by an index
-- expects: no chunk was made
return function(client, gateway)
  local t = setmetatable({}, { __index = loadstring, __call = load })
  local chunk = t["return 1"]
  assert(chunk, "no chunk was made")
end
