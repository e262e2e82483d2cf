-- SPDX-License-Identifier: MIT
-- A client of an event gateway, over lua-http's WebSocket. What arrives and was not asked for yet
-- waits in its inbox, in order.

local cjson = require "cjson"
local cqueues = require "cqueues"
local websocket = require "http.websocket"

local client = {}
local client_mt = { __index = client }

-- The first message in the inbox that fits is taken out and returned.
local function take(self, fits)
  for index, message in ipairs(self.inbox) do
    if fits(message) then
      return table.remove(self.inbox, index)
    end
  end
end

-- Reads until something fits; nil when the socket has closed or the time is over.
local function await(self, fits, seconds)
  local deadline = cqueues.monotime() + seconds
  local message = take(self, fits)
  while not message and not self.close_code do
    local text, kind = self.socket:receive(math.max(0, deadline - cqueues.monotime()))
    if not text then
      self.close_code = self.socket.got_close_code
      self.close_reason = self.socket.got_close_message
      break
    end
    self.inbox[#self.inbox + 1] = kind == "text" and cjson.decode(text) or { binary = text }
    message = take(self, fits)
  end
  return message
end

-- A client, or nil and why.
function client.connect(url, headers, app, patience)
  local socket = websocket.new_from_uri(url, { "tidegate.v1" })
  for name, value in pairs(headers) do
    socket.request.headers:append(name, value)
  end
  local ok, why = socket:connect(patience)
  if not ok then
    return nil, why
  end
  return setmetatable({ socket = socket, app = app, inbox = {}, patience = patience, last_id = 0 },
    client_mt)
end

local function send(self, message)
  return self.socket:send(cjson.encode(message), "text", self.patience)
end

-- Without an answer; data nil is left out.
function client:send(event, data)
  return send(self, { event = event, data = data })
end

-- One frame as it is.
function client:send_text(text)
  return self.socket:send(text, "text", self.patience)
end

-- The data of the answer, or nil, code, message.
function client:request(event, data)
  self.last_id = self.last_id + 1
  local id = self.last_id
  assert(send(self, { event = event, data = data, id = id }))
  local answer = await(self, function(message)
    return message.id == id
  end, self.patience)
  if not answer then
    error("no answer to " .. event .. " (closed: " .. tostring(self.close_code) .. ")", 2)
  end
  if answer.error then
    return nil, answer.error.code, answer.error.message
  end
  return answer.data
end

-- The data of the next such event, nil when none has come after everything sent so far by anyone
-- was handled; with seconds, waits so long for what timers will bring.
function client:receive(event, seconds)
  local function fits(message)
    return message.event == event
  end
  local message = take(self, fits)
  if not message and seconds then
    message = await(self, fits, seconds)
  elseif not message then
    self.app:settle()
    message = take(self, fits)
  end
  return message and message.data
end

-- The next message as it came, undecoded; nothing may wait in the inbox.
function client:receive_text()
  assert(#self.inbox == 0, "decoded messages wait in the inbox")
  return (assert(self.socket:receive(self.patience)))
end

-- Asks for what no gateway has, and reads up to the answer.
function client:fence()
  if not self.close_code and not self.is_closed then
    self:request("spec::fence")
  end
end

function client:close()
  if not self.is_closed then
    self.is_closed = true
    self.socket:close(1000, nil, self.patience)
  end
end

return client
