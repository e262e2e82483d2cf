-- SPDX-License-Identifier: MIT
-- As websocket.lua, but over lua-resty-websocket, the library that is usual with nginx-lua.
local server = require "resty.websocket.server"
local protocol = require "resty.websocket.protocol"

local MESSAGE_MAX = 1048576
local IDLE_MS, NORMAL = 600000, 1000
local opcodes = { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 }

local library = {}
local connections = setmetatable({}, { __mode = "k" }) -- by their sockets

function library.accept()
  local connection, fault = server:new { timeout = IDLE_MS, max_payload_len = MESSAGE_MAX }
  if not connection then
    return nil, fault
  end
  connections[connection.sock] = connection
  return connection.sock
end

function library.frame(opcode, payload)
  return protocol.build_frame(true, opcode, #payload, payload, false)
end

function library.serve(socket, on_text, send)
  local connection = connections[socket]
  while true do
    local payload, kind, code = connection:recv_frame()
    local opcode = opcodes[kind]
    if not payload or not opcode then
      return
    elseif opcode == opcodes.text then
      on_text(payload)
    elseif opcode == opcodes.ping then
      send(library.frame(opcodes.pong, payload))
    elseif opcode == opcodes.close then
      code = code or NORMAL
      send(library.frame(opcodes.close, string.char(math.floor(code / 256), code % 256) .. payload))
      return
    end
  end
end

return library
