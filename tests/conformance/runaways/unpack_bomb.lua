-- SPDX-License-Identifier: MIT
-- More results than any stack holds.
return function()
  while true do
    pcall(unpack, {}, 1, 1e8)
    pcall(string.byte, ("x"):rep(1000000), 1, -1)
    pcall(select, -1, unpack({}, 1, 7000))
  end
end
