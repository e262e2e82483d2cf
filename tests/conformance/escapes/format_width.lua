-- SPDX-License-Identifier: MIT
-- tries: to overflow a buffer by a width
-- expects: invalid (format|option)|too long|width
return function(client, gateway)
  return ("%999d"):format(1)
end
