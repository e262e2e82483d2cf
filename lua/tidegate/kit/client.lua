-- SPDX-License-Identifier: MIT
-- A client, as a spec holds it. What it does happens at once: the server handles it before the call
-- returns. What it receives waits in order until it is asked for.

local core = require "tidegate.kit.core"
local kernel = require "tidegate.kit.kernel"

local client = {}
local client_mt = { __index = client }

local TEXT, BINARY = 1, 2
local SHOWN = 10 -- messages in a note

-- --- what has come ---

-- A text that is a message of ours bears its event or id and data beside.
local function open_frame(frame)
  if frame.kind == "text" then
    local message = core.decode(frame.payload)
    if type(message) == "table" then
      frame.event, frame.id, frame.data, frame.error = message.event, message.id, message.data,
        message.error
    end
  end
  return frame
end

local function fetch(self)
  local running = kernel.of(self.app)
  local kind, payload, at = running:take(self.number)
  while kind do
    local frame = open_frame { kind = kind, payload = payload, at = at }
    self.received[#self.received + 1] = frame
    if kind == "text" or kind == "binary" then
      self.unread[#self.unread + 1] = frame
    end
    kind, payload, at = running:take(self.number)
  end
end

-- The first unread frame that fits, taken out.
local function take(self, fits)
  fetch(self)
  for index, frame in ipairs(self.unread) do
    if fits(frame) then
      return table.remove(self.unread, index)
    end
  end
end

-- The same, moving the clock by within_ms at most.
local function await(self, fits, within_ms)
  kernel.settle(self.app)
  local frame = take(self, fits)
  if not frame and within_ms then
    frame = kernel.advance_until(self.app, function()
      return take(self, fits)
    end, within_ms)
  end
  return frame
end

local function describe(self)
  local lines = {}
  for index, frame in ipairs(self.unread) do
    if index > SHOWN then
      lines[#lines + 1] = "  and " .. #self.unread - SHOWN .. " more"
      break
    end
    lines[#lines + 1] = "  " .. (frame.kind == "text" and frame.payload
      or frame.kind .. " of " .. #frame.payload .. " octets")
  end
  local code, reason, cause = self:closed()
  local text = #lines == 0 and "nothing was received instead"
    or "received instead:\n" .. table.concat(lines, "\n")
  if code then
    text = text .. ("\nit was closed: %d %q, %s"):format(code, reason, cause)
  end
  return text
end

-- --- life ---

function client.new(app, number, answer)
  local status = app.core:status(number)
  return setmetatable({
    app = app,
    number = number,
    id = status.id,
    worker = status.worker,
    subprotocol = answer.headers["sec-websocket-protocol"],
    received = {},
    unread = {},
    last_id = 0,
  }, client_mt)
end

local function act(self, name, ...)
  local running = kernel.of(self.app)
  local ok, why = running[name](running, self.number, ...)
  if ok == nil and why then
    error(why, 3)
  end
  kernel.settle(self.app)
end

local function encode(message)
  local text, why = core.encode(message)
  if not text then
    error(why, 3)
  end
  return text
end

-- --- sending ---

-- Sends an event without an id; no answer comes.
function client:send(event, data)
  act(self, "write", TEXT, encode { event = event, data = data })
end

-- Sends a text message as it is.
function client:send_text(text)
  act(self, "write", TEXT, text)
end

-- Sends a binary message.
function client:send_binary(bytes)
  act(self, "write", BINARY, bytes)
end

-- Sends octets as they are, whatever frames they make.
function client:send_raw(octets)
  act(self, "write_raw", octets)
end

-- Sends a request. Its answer's data, or nil, the code and the message of its error. With
-- within_ms the clock may move so far for an answer that takes time.
function client:request(event, data, within_ms)
  self.last_id = self.last_id + 1
  local id = self.last_id
  act(self, "write", TEXT, encode { event = event, data = data, id = id })
  local answer = await(self, function(frame)
    return frame.id == id
  end, within_ms)
  if not answer then
    error("no answer to " .. event .. (within_ms and "" or " without moving the clock") .. "; "
      .. describe(self), 2)
  end
  if answer.error then
    return nil, answer.error.code, answer.error.message
  end
  return answer.data
end

-- --- receiving ---

-- The data of the next such event; or nil, and what was received instead. Without within_ms the
-- clock stands, else it moves until the event has come.
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

-- The next text message as it came.
function client:receive_text(within_ms)
  return receive_kind(self, "text", within_ms)
end

-- The next binary message.
function client:receive_binary(within_ms)
  return receive_kind(self, "binary", within_ms)
end

-- Raises when anything, or such an event, has come that was not asked for.
function client:expect_nothing(event)
  kernel.settle(self.app)
  fetch(self)
  for _, frame in ipairs(self.unread) do
    if not event or frame.event == event then
      error("nothing was to come; " .. describe(self), 2)
    end
  end
end

-- All frames that ever came, pings and the close included, oldest first.
function client:frames()
  kernel.settle(self.app)
  fetch(self)
  return self.received
end

-- --- the connection ---

-- Closes as a client does, and returns when the server has answered.
function client:close(code, reason)
  act(self, "write_close", code or 1000, reason or "")
end

-- Whether it was closed: the code and reason of the server's close frame (1006 and "" when there
-- was none) and why, as on_disconnect is told. nil while it is open.
function client:closed()
  local status = kernel.settle(self.app):status(self.number)
  if not status.is_ending then
    return nil
  end
  return status.code or 1006, status.reason or "", status.cause
end

-- Stops reading: what the server sends waits in its queue for this client.
function client:stall()
  act(self, "stall", true)
end

-- Reads again, and all that waited.
function client:drain()
  act(self, "stall", false)
end

-- Vanishes without a close frame.
function client:drop()
  act(self, "cut")
end

-- Stalls, and fills the server's queue for this client to the last place: one more message evicts
-- it.
function client:fill_queue()
  act(self, "stall", true)
  act(self, "fill")
end

-- Frames that wait in the server's queue for this client.
function client:queued()
  return kernel.settle(self.app):status(self.number).queued or 0
end

return client
