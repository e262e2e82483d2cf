-- SPDX-License-Identifier: MIT
-- The request head that a client opens its connection with, and what the server's answer says.

local request = {}

local KEY = "dGhlIHNhbXBsZSBub25jZQ==" -- RFC 6455 section 1.3: any 16 octets will do

local function encode(text)
  return (tostring(text):gsub("[^%w%-._~]", function(octet)
    return ("%%%02X"):format(octet:byte())
  end))
end

local function query_of(query)
  if type(query) == "string" then
    return query
  end
  local parts = {}
  for name, value in pairs(query) do
    parts[#parts + 1] = encode(name) .. "=" .. encode(value)
  end
  table.sort(parts)
  return table.concat(parts, "&")
end

-- "/chat/:room" with { room = "blue" } is "/chat/blue".
function request.fill_path(path, params)
  return (path:gsub(":([%w_]+)", function(name)
    local value = params and params[name]
    if value == nil then
      error("the path " .. path .. " needs params." .. name, 0)
    end
    return tostring(value)
  end))
end

-- Header fields in the order a client would send them.
local function fields_of(options, token)
  local fields = {
    { "Host", "kit.test" },
    { "Upgrade", "websocket" },
    { "Connection", "Upgrade" },
    { "Sec-WebSocket-Version", "13" },
    { "Sec-WebSocket-Key", KEY },
  }
  if options.subprotocols then
    fields[#fields + 1] = { "Sec-WebSocket-Protocol", table.concat(options.subprotocols, ", ") }
  end
  if token then
    fields[#fields + 1] = { "Authorization", "Bearer " .. token }
  end
  if options.tenant then
    fields[#fields + 1] = { options.tenant_header, options.tenant }
  end
  return fields
end

-- Replaces and adds fields: false leaves one out, a list sends it several times.
function request.replace(fields, headers)
  local names = {}
  for name in pairs(headers) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    for index = #fields, 1, -1 do
      if fields[index][1]:lower() == name:lower() then
        table.remove(fields, index)
      end
    end
    local values = headers[name]
    for _, value in ipairs(type(values) == "table" and values or { values }) do
      if value then
        fields[#fields + 1] = { name, tostring(value) }
      end
    end
  end
end

function request.target(path, query)
  if query then
    return path .. "?" .. query_of(query)
  end
  return path
end

-- options: path, query, headers, subprotocols, tenant, tenant_header.
function request.head(options, token)
  local target = request.target(options.path, options.query)
  local fields = fields_of(options, token)
  request.replace(fields, options.headers or {})
  local lines = { "GET " .. target .. " HTTP/1.1" }
  for _, field in ipairs(fields) do
    lines[#lines + 1] = field[1] .. ": " .. field[2]
    if lines[#lines]:find("[\r\n]") then
      error("the header " .. field[1]:match("^[%w_-]*") .. " holds a line end", 0)
    end
  end
  return table.concat(lines, "\r\n") .. "\r\n\r\n"
end

-- { status, headers (names in small letters), body } of an HTTP answer.
function request.read_answer(text)
  local head, body = text:match("^(.-)\r\n\r\n(.*)$")
  local headers = {}
  for name, value in head:gmatch("\r\n([^:]+): ([^\r]*)") do
    headers[name:lower()] = value
  end
  return { status = tonumber(head:match("^HTTP/1%.1 (%d+)")), headers = headers, body = body }
end

return request
