-- SPDX-License-Identifier: MIT
-- tries: to see an address in what went wrong
-- expects: no address was shown
return function(client, gateway)
  local errors = {}
  for _, fn in ipairs { function() return {} .. print end, function() return {} < print end,
    function() return #print end, function() print.x = 1 end,
    function() return ("%d"):format({}) end, function() error({}) end,
    function() table.concat({ {} }) end, function() tostring() end } do
    errors[#errors + 1] = tostring(select(2, pcall(fn)))
  end
  -- An error's place has the folder's name in it, which is any.
  assert(table.concat(errors, " "):find("0x%x%x%x%x%x%x"), "no address was shown")
end
