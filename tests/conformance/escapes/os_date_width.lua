-- SPDX-License-Identifier: MIT
-- tries: to have strftime fill memory by a width
-- expects: unknown conversion
return function(client, gateway)
  return os.date("%999999999Y")
end
