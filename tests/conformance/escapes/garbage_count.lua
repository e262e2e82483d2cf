-- SPDX-License-Identifier: MIT
-- tries: to watch memory for what others do
-- expects: attempt to call global 'gcinfo' \(a nil value\)
return function(client, gateway)
  return gcinfo()
end
