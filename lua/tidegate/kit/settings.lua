-- SPDX-License-Identifier: MIT
-- Options of kit.load as configuration keys: { limits = { outbound_messages = 1 } } is
-- limits.outbound_messages = "1", as it would be in tidegate.lua.

local settings = {}

local function text_of(key, value)
  if type(value) == "number" then
    return value % 1 == 0 and ("%.0f"):format(value) or tostring(value)
  elseif type(value) == "boolean" or type(value) == "string" then
    return tostring(value)
  end
  error(key .. ": a " .. type(value) .. " is no setting", 0)
end

local function sorted_keys(values)
  local keys = {}
  for key in pairs(values) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(one, other)
    return tostring(one) < tostring(other)
  end)
  return keys
end

local function is_text_list(values)
  for _, value in ipairs(values) do
    if type(value) == "table" then
      return false
    end
  end
  return #values > 0
end

local function add(list, key, value)
  if type(value) ~= "table" then
    list[#list + 1] = { key, text_of(key, value) }
  elseif is_text_list(value) then
    local texts = {}
    for index, each in ipairs(value) do
      texts[index] = text_of(key, each)
    end
    list[#list + 1] = { key, table.concat(texts, ",") }
  else
    for _, name in ipairs(sorted_keys(value)) do
      local inner = type(name) == "number" and key .. "[" .. name .. "]" or key .. "." .. name
      add(list, inner, value[name])
    end
  end
end

-- { { key, text }, ... } of a nested table, sorted.
function settings.flatten(values)
  local list = {}
  for _, name in ipairs(sorted_keys(values)) do
    add(list, name, values[name])
  end
  return list
end

-- The text of a tenants file: { acme = { name = "Acme" }, old = { suspended = true } } as lines.
function settings.tenant_lines(tenants)
  local lines = {}
  for _, id in ipairs(sorted_keys(tenants)) do
    local tenant = tenants[id]
    if type(id) ~= "string" or type(tenant) ~= "table" then
      error("tenants: expected { id = { name = ..., suspended = ... } }", 0)
    end
    lines[#lines + 1] = ("%s\t%s\t%s\n"):format(id, tenant.suspended and "suspended" or "active",
      tenant.name or "")
  end
  return table.concat(lines)
end

return settings
