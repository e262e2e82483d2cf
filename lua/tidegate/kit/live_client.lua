-- SPDX-License-Identifier: MIT
-- A client of a running server, over lua-http's WebSocket, with the names of the kit's client.

local core = require "tidegate.kit.core"

local CONNECT_SECONDS = 5
local SEND_SECONDS = 5

local has_http, websocket = pcall(require, "http.websocket")
local has_queues, cqueues = pcall(require, "cqueues")
local has_errno, errno = pcall(require, "cqueues.errno")

local live_client = {}
local client = {}
local client_mt = {
  __index = function(_, name)
    return client[name] or function()
      require("tidegate.kit.live").only_on_the_kit("client:" .. tostring(name))
    end
  end,
}

-- --- what has come ---

local function open_frame(text, kind)
  local frame = { kind = kind, payload = text }
  local message = kind == "text" and core.decode(text)
  if type(message) == "table" then
    frame.event, frame.id, frame.data, frame.error = message.event, message.id, message.data,
      message.error
  end
  return frame
end

local function note_end(self)
  local code = self.socket.got_close_code
  self.close_code = type(code) == "number" and code or 1006
  self.close_reason = self.socket.got_close_message or ""
end

-- Waits for one more message. False when none has come in time, or none will.
local function read_one(self, seconds)
  if self.close_code or self.is_closed then
    return false
  end
  local text, kind, number = self.socket:receive(seconds)
  if text then
    self.unread[#self.unread + 1] = open_frame(text, kind)
    return true
  end
  -- Without a close frame lua-http calls it open still: a server that went away is an end too.
  if self.socket.readyState ~= 1 or number ~= errno.ETIMEDOUT then
    note_end(self)
  end
  return false
end

local function take(self, fits)
  for index, frame in ipairs(self.unread) do
    if fits(frame) then
      return table.remove(self.unread, index)
    end
  end
end

local function await(self, fits, within_ms)
  local deadline = cqueues.monotime() + self.patience + (within_ms or 0) / 1000
  local frame = take(self, fits)
  while not frame and read_one(self, math.max(0, deadline - cqueues.monotime())) do
    frame = take(self, fits)
  end
  return frame
end

local function describe(self)
  local lines = {}
  for _, frame in ipairs(self.unread) do
    lines[#lines + 1] = "  " .. (frame.kind == "text" and frame.payload
      or frame.kind .. " of " .. #frame.payload .. " octets")
  end
  local text = #lines == 0 and "nothing was received instead"
    or "received instead:\n" .. table.concat(lines, "\n")
  if self.close_code then
    text = text .. ("\nit was closed: %d %q"):format(self.close_code, self.close_reason)
  end
  return text
end

-- --- life ---

local function read_refusal(answer, why)
  if not answer.headers then
    error("no connection to the server: " .. tostring(why), 4)
  end
  local refusal = {
    status = tonumber(answer.headers:get(":status")),
    headers = {},
    body = answer.stream:get_body_as_string(CONNECT_SECONDS) or "",
  }
  for name, value in answer.headers:each() do
    if name:sub(1, 1) ~= ":" then
      refusal.headers[name] = value
    end
  end
  return refusal
end

-- options: url, headers (a list of pairs), subprotocols, patience (seconds).
function live_client.connect(options)
  if not has_http or not has_queues or not has_errno then
    error("kit.live needs lua-http (Debian's package lua-http)", 3)
  end
  local socket = websocket.new_from_uri(options.url, options.subprotocols or { "tidegate.v1" })
  local answer = {}
  socket.request.follow_redirects = false
  local go = socket.request.go
  function socket.request.go(...)
    answer.headers, answer.stream = go(...)
    return answer.headers, answer.stream
  end
  for _, field in ipairs(options.headers) do
    socket.request.headers:append(field[1], field[2])
  end
  local ok, why = socket:connect(CONNECT_SECONDS)
  if not ok then
    return nil, read_refusal(answer, why)
  end
  return setmetatable({
    socket = socket,
    patience = options.patience,
    subprotocol = answer.headers:get("sec-websocket-protocol"),
    unread = {},
    last_id = 0,
    close_code = false,
    close_reason = false,
    is_closed = false,
  }, client_mt)
end

-- Reads until nothing has come for so many seconds.
function client:pump(seconds)
  local count = 0
  while count < 100000 and read_one(self, seconds) do
    count = count + 1
  end
end

-- --- sending ---

local function write(self, kind, text)
  self.socket:send(text, kind, SEND_SECONDS)
end

local function encode(message)
  local text, why = core.encode(message)
  if not text then
    error(why, 3)
  end
  return text
end

function client:send(event, data)
  write(self, "text", encode { event = event, data = data })
end

function client:send_text(text)
  write(self, "text", text)
end

function client:send_binary(bytes)
  write(self, "binary", bytes)
end

function client:request(event, data, within_ms)
  self.last_id = self.last_id + 1
  local id = self.last_id
  write(self, "text", encode { event = event, data = data, id = id })
  local answer = await(self, function(frame)
    return frame.id == id
  end, (within_ms or 0) + SEND_SECONDS * 1000)
  if not answer then
    error("no answer to " .. event .. "; " .. describe(self), 2)
  end
  if answer.error then
    return nil, answer.error.code, answer.error.message
  end
  return answer.data
end

-- --- receiving ---

function client:receive(event, within_ms)
  local frame = await(self, function(each)
    return each.event == event
  end, within_ms)
  if frame then
    return frame.data
  end
  return nil, "no " .. event .. " has come; " .. describe(self)
end

local function receive_kind(self, kind, within_ms)
  local frame = await(self, function(each)
    return each.kind == kind
  end, within_ms)
  if frame then
    return frame.payload
  end
  return nil, "no " .. kind .. " message has come; " .. describe(self)
end

function client:receive_text(within_ms)
  return receive_kind(self, "text", within_ms)
end

function client:receive_binary(within_ms)
  return receive_kind(self, "binary", within_ms)
end

function client:expect_nothing(event)
  self:pump(self.patience)
  for _, frame in ipairs(self.unread) do
    if not event or frame.event == event then
      error("nothing was to come; " .. describe(self), 2)
    end
  end
end

-- --- the connection ---

function client:close(code, reason)
  if not self.is_closed and not self.close_code then
    self.socket:close(code or 1000, reason, SEND_SECONDS)
    self.is_closed = true
    note_end(self)
  end
end

-- The server's code and reason; why it closed is told to the gateway alone.
function client:closed()
  if not self.close_code then
    self:pump(self.patience)
  end
  if self.close_code then
    return self.close_code, self.close_reason
  end
  return nil
end

-- Vanishes without a close frame.
function client:drop()
  if not self.is_closed then
    self.is_closed = true
    self.socket.socket:close()
  end
end

return live_client
