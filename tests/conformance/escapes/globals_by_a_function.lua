-- SPDX-License-Identifier: MIT
-- tries: to leave a function that every handler shares
-- expects: global 'evil' is not declared
return function(client, gateway)
  function evil()
  end
end
