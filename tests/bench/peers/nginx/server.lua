-- SPDX-License-Identifier: MIT
-- The peer of the comparison on nginx with http-lua, with the work that a Tidegate gateway does:
-- decode the envelope, look up a handler, encode a new envelope. A broadcast is encoded once. Each
-- subscriber has a light thread that writes, woken by a semaphore, and all that waits for it leaves
-- in one send: a light thread may not send while another sends on the same socket.
local cjson = require "cjson"
local ngx = require "ngx"
local semaphore = require "ngx.semaphore"
local has_library = package.searchpath("resty.websocket.server", package.path)
local websocket = require(has_library and "library" or "websocket")

local TEXT, WAIT_S = 1, 3600

local subscribers = {}
local handlers = {}

local function write(client)
  while true do
    if not client.wake:wait(WAIT_S) or client.is_over then
      return
    end
    local waiting = client.waiting
    if #waiting > 0 then
      client.waiting = {}
      if not client.socket:send(waiting) then
        return
      end
    end
  end
end

local function put(client, octets)
  if not client.wake then
    client.socket:send(octets)
    return
  end
  local waiting = client.waiting
  waiting[#waiting + 1] = octets
  if #waiting == 1 then
    client.wake:post(1)
  end
end

local function encode(event, data)
  return websocket.frame(TEXT, cjson.encode { event = event, data = data })
end

function handlers.echo(client, data)
  put(client, encode("echo", data))
end

function handlers.join(client)
  put(client, encode("joined", true))
  client.wake = semaphore.new()
  client.waiting = {}
  client.thread = ngx.thread.spawn(write, client)
  subscribers[client] = true
end

function handlers.publish(_, data)
  local octets = encode("publish", data)
  for subscriber in pairs(subscribers) do
    put(subscriber, octets)
  end
end

local function say_goodbye(client)
  local close = client.waiting
  client.waiting = {}
  client.is_over = true
  client.wake:post(1)
  ngx.thread.wait(client.thread)
  client.socket:send(close)
end

local server = {}

-- One connection, from its upgrade to its end.
function server.serve()
  local socket, fault = websocket.accept()
  if not socket then
    ngx.log(ngx.ERR, "no upgrade: ", fault)
    return ngx.exit(400)
  end
  local client = { socket = socket }
  websocket.serve(socket, function(text)
    local ok, message = pcall(cjson.decode, text)
    local handler = ok and type(message) == "table" and handlers[message.event]
    if handler then
      handler(client, message.data)
    end
  end, function(octets)
    put(client, octets)
  end)
  subscribers[client] = nil
  if client.wake then
    say_goodbye(client)
  end
end

return server
