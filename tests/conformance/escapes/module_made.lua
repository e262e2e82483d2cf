-- SPDX-License-Identifier: MIT
-- tries: to make a module with all globals
-- expects: attempt to call global 'module' \(a nil value\)
return function(client, gateway)
  module("evil", package and package.seeall)
end
