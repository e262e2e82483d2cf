-- SPDX-License-Identifier: MIT
-- An event for each thing that the API offers, for api_spec.lua.

local tide = require "tidegate"
local json = tide.json

local events = {}
-- luacheck: globals greetings
local kept -- a timer
tide.global("greetings", 0)
local gone = {}

-- --- the client ---

function events.properties(client)
  return {
    id = client.id, claims = client.claims(), sub = client:claim("sub"), tenant = client.tenant,
    path = client.path, params = client.params, query = client.query, address = client.address,
    trace_id = client.trace_id, connected_at = client.connected_at,
  }
end

function events.count(client)
  client.state.count = (client.state.count or 0) + 1
  return client.state.count
end

function events.keep(client, what)
  if what == "function" then
    client.state.deep = { list = { 1, events.keep } }
  elseif what == "much" then
    client.state.much = ("x"):rep(20000)
  elseif what == "raw" then
    client.state.deep = { text = json.raw("[1]") }
  elseif what == "cycle" then
    client.state.cycle = client.state
  elseif what == "key" then
    client.state.keys = { [true] = 1 }
  else
    client.state = { text = "x", list = { 1, 2 }, null = json.null, deep = { deeper = {} } }
  end
end

function events.say(client, data)
  return { sent = client:send("said", data) }
end

function events.say_text(client, text)
  return client:send_text(text)
end

function events.say_binary(client, text)
  return client:send_binary(text)
end

function events.leave_us(client, data)
  return client:close(data.code, data.reason)
end

function events.join(client, room)
  return client:join(room)
end

function events.leave(client, room)
  return client:leave(room)
end

function events.rooms(client)
  return json.array(client:rooms())
end

function events.shout(client, data)
  return client:broadcast("shouted", data, { except = client })
end

function events.queued(client)
  client:send("filler", {})
  local messages, octets = client:queued()
  return { messages = messages, octets = octets }
end

-- --- tide ---

function events.emit(client, data)
  local room = tide.room(data.room)
  return room:emit("emitted", { room = room.name, from = client.id }, { except = client })
end

function events.room_count(_, name)
  local room = tide.room(name)
  return room:count()
end

function events.room_members(_, name)
  local room = tide.room(name)
  return json.array(room:members())
end

function events.broadcast(_, data)
  return tide.broadcast("told", data)
end

function events.later(client, ms)
  kept = tide.after(ms, function()
    client:send("rang", tide.now())
  end)
  return true
end

function events.never()
  local timer = kept
  return timer:cancel()
end

function events.sleep(_, ms)
  tide.sleep(ms)
  return tide.now()
end

function events.who()
  return {
    generation = tide.generation, worker = tide.worker, node = tide.node, now = tide.now(),
    random = tide.random(1, 1000),
  }
end

function events.greet()
  greetings = greetings + 1
  return greetings
end

-- --- log and json ---

function events.log(_, level)
  local log = tide.log
  if level == "debug" then
    log.debug("a debug line", { n = 1 })
  elseif level == "info" then
    log.info("an info line", { n = 1 })
  elseif level == "warn" then
    log.warn("a warn line", { n = 1, text = 'a "quoted" \\ text' })
  else
    log.error("an error line", { n = 1 })
  end
end

function events.json(_, text)
  local value, why = json.decode(text)
  return { value = value == json.null and "null" or value, why = why, back = json.encode(value) }
end

function events.relay(client, text)
  client:send("relayed", json.raw(text))
  return { raw = text }
end

function events.guarded()
  return "let through"
end

function events.fail(_, text)
  error(text)
end

function events.spin()
  while true do
    pcall(events.spin)
  end
end

function events.gone()
  return json.array(gone)
end

return {
  path = "/api/:place",
  auth = "optional",
  tenant = "optional",
  origins = { "https://app.example" },
  limits = { message_bytes = 4096 },
  on_connect = function(client)
    if client.query.turn == "away" then
      return false, 4404, "not here"
    end
    client:join("hall")
  end,
  on_disconnect = function(_, cause)
    gone[#gone + 1] = cause
  end,
  before = {
    function(client, event)
      return event ~= "guarded" or client:claim("role") == "admin"
    end,
  },
  on_error = function(client, event, err)
    client:send("failed", { event = event, err = tostring(err) })
  end,
  raw = { relay = true },
  budget_ms = 100,
  jit = false,
  save = function()
    return { greetings = greetings }
  end,
  restore = function(saved)
    greetings = saved.greetings
  end,
  events = events,
}
