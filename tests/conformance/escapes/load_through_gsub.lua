-- SPDX-License-Identifier: MIT
-- tries: to have gsub call load
-- expects: bad argument #3 to 'gsub'|attempt to call a nil value|string/function/table expected
return function(client, gateway)
  return ("return 1"):gsub(".+", loadstring)
end
