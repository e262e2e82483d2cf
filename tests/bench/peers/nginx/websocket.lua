-- SPDX-License-Identifier: MIT
-- WebSocket for nginx-lua (RFC 6455), as far as the comparison needs it: whole text frames, pings
-- and the close handshake, over the request's raw socket. lua-resty-websocket, which is the usual
-- library, is not packaged (library.lua takes it from where RESTY_WEBSOCKET says); this reads as it
-- does (a receive for the two fixed octets, one for the rest) but takes the mask off in a buffer of
-- its own instead of a table of characters.
local bit = require "bit"
local ffi = require "ffi"
local ngx = require "ngx"

local GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
local MESSAGE_MAX = 1048576
local IDLE_MS = 600000
local CLOSE, PING = 8, 9

local websocket = {}
local buffer, room = ffi.new("uint8_t[?]", 4096), 4096

-- Answers the upgrade. The raw socket, or nil and what is wrong.
function websocket.accept()
  local key = ngx.req.get_headers()["sec-websocket-key"]
  if type(key) ~= "string" then
    return nil, "no key"
  end
  ngx.header["Upgrade"] = "websocket"
  ngx.header["Sec-WebSocket-Accept"] = ngx.encode_base64(ngx.sha1_bin(key .. GUID))
  ngx.header["Content-Type"] = nil
  ngx.status = 101
  local sent, fault = ngx.send_headers()
  if not sent then
    return nil, fault
  end
  sent, fault = ngx.flush(true)
  if not sent then
    return nil, fault
  end
  local socket
  socket, fault = ngx.req.socket(true)
  if socket then
    socket:settimeouts(IDLE_MS, IDLE_MS, IDLE_MS)
  end
  return socket, fault
end

local function unmask(masked, length)
  if length > room then
    buffer, room = ffi.new("uint8_t[?]", 2 * length), 2 * length
  end
  ffi.copy(buffer, masked, length + 4)
  for i = 4, length + 3 do
    buffer[i] = bit.bxor(buffer[i], buffer[bit.band(i, 3)])
  end
  return ffi.string(buffer + 4, length)
end

local function read_length(socket, form)
  if form < 126 then
    return form
  end
  local octets, fault = socket:receive(form == 126 and 2 or 8)
  if not octets then
    return nil, fault
  end
  local length = 0
  for i = 1, #octets do
    length = length * 256 + octets:byte(i)
  end
  return length
end

-- The opcode and payload of the next frame, or nil and what is wrong.
local function receive(socket)
  local head, fault = socket:receive(2)
  if not head then
    return nil, fault
  end
  local first, second = head:byte(1, 2)
  if bit.band(second, 0x80) == 0 or bit.band(first, 0xf0) ~= 0x80 then
    return nil, "not a whole, masked frame"
  end
  local length
  length, fault = read_length(socket, bit.band(second, 0x7f))
  if not length or length > MESSAGE_MAX then
    return nil, fault or "too long"
  end
  local masked
  masked, fault = socket:receive(length + 4)
  if not masked then
    return nil, fault
  end
  return bit.band(first, 0x0f), unmask(masked, length)
end

-- The octets of a frame.
function websocket.frame(opcode, payload)
  local length = #payload
  local first = string.char(0x80 + opcode)
  if length < 126 then
    return first .. string.char(length) .. payload
  end
  local size = length < 65536 and 2 or 8
  local octets = {}
  for i = size, 1, -1 do
    octets[i] = string.char(length % 256)
    length = math.floor(length / 256)
  end
  return first .. string.char(size == 2 and 126 or 127) .. table.concat(octets) .. payload
end

-- Calls on_text for each text, and send(octets) for what has to be answered, until the end.
function websocket.serve(socket, on_text, send)
  while true do
    local opcode, payload = receive(socket)
    if not opcode then
      return
    elseif opcode == 1 then
      on_text(payload)
    elseif opcode == PING then
      send(websocket.frame(10, payload))
    elseif opcode == CLOSE then
      send(websocket.frame(CLOSE, payload))
      return
    end
  end
end

return websocket
