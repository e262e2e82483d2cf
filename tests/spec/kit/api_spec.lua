-- SPDX-License-Identifier: MIT
-- Every name of docs/lua-api.md, called; tests/lint/api_specs.py looks that none is left out.
local kit = require "tidegate.kit"

local TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"

describe("the API", function()
  local app, alice

  local function connect(options)
    options = options or {}
    options.params = options.params or { place = "here" }
    return app:connect(options)
  end

  before_each(function()
    app = kit.load("tests/spec/gateways/api")
    alice = connect { claims = { sub = "alice", role = "admin" }, tenant = "acme" }
  end)

  it("shows a client's properties", function()
    local bob = connect {
      claims = { sub = "bob", list = { 1, 2 } }, tenant = "acme", address = "198.51.100.7",
      query = { a = "1", b = "x y" },
      headers = { traceparent = "00-" .. TRACE .. "-00f067aa0ba902b7-01" },
    }
    local seen = bob:request("properties")
    assert.equal(bob.id, seen.id)
    assert.equal("bob", seen.claims.sub)
    assert.same({ 1, 2 }, seen.claims.list)
    assert.equal("bob", seen.sub)
    assert.same({ id = "acme", name = "acme" }, seen.tenant)
    assert.equal("/api/here", seen.path)
    assert.same({ place = "here" }, seen.params)
    assert.same({ a = "1", b = "x y" }, seen.query)
    assert.equal("198.51.100.7", seen.address)
    assert.equal(TRACE, seen.trace_id)
    assert.equal(app:now(), seen.connected_at)
  end)

  it("keeps a state per client", function()
    assert.equal(1, alice:request("count"))
    assert.equal(2, alice:request("count"))
    assert.equal(1, connect():request("count"))
  end)

  it("looks that the state could be carried over a reload", function()
    alice:request("keep", "plain")
    assert.equal(0, #app:logs { level = "error" })
    local faults = {
      ["function"] = { "client.state.deep.list[2]", "a function value is no plain data" },
      raw = { "client.state.deep.text", "a userdata value is no plain data" },
      key = { "client.state.keys[a boolean]", "keys are strings or numbers" },
      cycle = { nil, "a table that is inside of itself" },
      much = { "client.state" },
    }
    for what, fault in pairs(faults) do
      local client = connect()
      client:request("keep", what)
      local line = app:expect_error("client.state can't be carried over")
      assert.equal(fault[1] or line.fields.key, line.fields.key)
      assert.equal(fault[2] or line.fields.why, line.fields.why)
      app = kit.load("tests/spec/gateways/api")
    end
  end)

  it("sends events, texts and octets", function()
    assert.same({ sent = true }, alice:request("say", { n = 1 }))
    assert.same({ n = 1 }, alice:receive("said"))
    alice:send("say_text", "as it is")
    assert.equal("as it is", alice:receive_text())
    alice:send("say_binary", "octets")
    assert.equal("octets", alice:receive_binary())
    assert.is_nil(alice:receive_binary())
  end)

  it("closes with a code and a reason, after the answer", function()
    assert.is_true(alice:request("leave_us", { code = 4000, reason = "enough" }))
    assert.same({ 4000, "enough", "closed_by_gateway" }, { alice:closed() })
    assert.same({ "closed_by_gateway" }, connect():request("gone"))
  end)

  it("joins and leaves rooms", function()
    local bob = connect { tenant = "acme" }
    assert.is_true(alice:request("join", "tea"))
    assert.same({ "hall", "tea" }, alice:request("rooms"))
    assert.is_true(bob:request("emit", { room = "tea" }))
    assert.same({ room = "tea", from = bob.id }, alice:receive("emitted"))
    assert.equal(1, bob:request("room_count", "tea"))
    assert.same({ alice.id }, bob:request("room_members", "tea"))
    assert.same({ alice, bob }, app:members("hall", { tenant = "acme" }))
    assert.is_true(alice:request("leave", "tea"))
    assert.same({}, bob:request("room_members", "tea"))
  end)

  it("broadcasts to all, or to all others", function()
    local bob, eve = connect { tenant = "acme" }, connect { tenant = "globex" }
    alice:request("shout", "hi")
    assert.equal("hi", bob:receive("shouted"))
    alice:request("broadcast", "all")
    assert.equal("all", alice:receive("told"))
    assert.equal("all", bob:receive("told"))
    alice:expect_nothing()
    bob:expect_nothing()
    eve:expect_nothing()
  end)

  it("counts what is queued", function()
    local queued = alice:request("queued")
    assert.equal(1, queued.messages)
    assert.truthy(queued.octets > 20)
    assert.same({}, alice:receive("filler"))
  end)

  it("rings timers and wakes sleepers by the app's clock", function()
    local start = app:now()
    alice:request("later", 5000)
    assert.is_nil(alice:receive("rang"))
    assert.is_nil(alice:receive("rang", 4999))
    assert.equal(start + 5000, alice:receive("rang", 1000))
    assert.equal(start + 5000, app:now())
    alice:request("later", 5000)
    assert.is_true(alice:request("never"))
    assert.is_false(alice:request("never"))
    assert.is_nil(alice:receive("rang", 10000))
    assert.equal(app:now() + 250, alice:request("sleep", 250, 1000))
  end)

  it("keeps a declared global", function()
    assert.equal(1, alice:request("greet"))
    assert.equal(2, connect():request("greet"))
  end)

  it("says who runs", function()
    local who = alice:request("who")
    assert.truthy(who.generation:match("^%x%x%x%x%x%x%x%x%x%x%x%x%-%d+$"))
    assert.equal(1, who.worker)
    assert.equal("string", type(who.node))
    assert.equal(app:now(), who.now)
    assert.truthy(who.random >= 1 and who.random <= 1000)
  end)

  it("logs", function()
    app = kit.load("tests/spec/gateways/api", { config = { log = { level = "debug" } } })
    alice = connect()
    for _, level in ipairs { "debug", "info", "warn", "error" } do
      alice:request("log", level)
      local lines = app:logs { module = "api", level = level }
      assert.equal("1", lines[#lines].fields.n)
      assert.truthy(lines[#lines].message:find(level, 1, true))
      assert.equal("worker-1", lines[#lines].process)
    end
    assert.equal('a "quoted" \\ text', app:logs({ module = "api", level = "warn" })[1].fields.text)
    app:expect_error("an error line")
  end)

  it("decodes and encodes JSON", function()
    assert.same({ value = { a = {} }, back = '{"a":[]}' }, alice:request("json", '{"a":[]}'))
    assert.same({ value = "null", back = "null" }, alice:request("json", "null"))
    assert.equal("malformed", alice:request("json", "{").why)
    assert.same({ raw = '{"as": "it is"}' },
      (function()
        alice:send_text('{"event":"relay","id":7,"data":{"as": "it is"}}')
        assert.equal('{"event":"relayed","data":{"as": "it is"}}', alice:receive_text())
        return require("tidegate.kit.core").decode(alice:receive_text()).data
      end)())
    assert.same({ raw = '[1,{"a":null}]' }, alice:request("relay", { 1, { a = kit.null } }))
    assert.same({ 1, { a = kit.null } }, alice:receive("relayed"))
  end)

  it("guards events", function()
    assert.equal("let through", alice:request("guarded"))
    assert.equal("forbidden", select(2, connect():request("guarded")))
  end)

  it("tells on_error, and answers the request", function()
    assert.equal("handler_error", select(2, alice:request("fail", "on purpose")))
    assert.equal("fail", alice:receive("failed").event)
    app:expect_error("on purpose")
    assert.equal(1, app:metrics "ws_handler_errors_total")
    assert.is_nil(alice:closed())
  end)

  it("turns a client away in on_connect", function()
    local turned = connect { query = { turn = "away" } }
    assert.same({ 4404, "not here", "turned_away" }, { turned:closed() })
  end)

  it("lets pages of named origins in", function()
    assert.truthy(connect { headers = { Origin = "https://app.example" } })
    local _, refusal = connect { headers = { Origin = "https://evil.example" } }
    assert.equal(403, refusal.status)
    assert.equal("origin not allowed", refusal.body)
  end)

  it("bounds messages by the gateway's own limit", function()
    alice:send("say", ("x"):rep(5000))
    assert.same({ 1009, "message too big", "too_big" }, { alice:closed() })
  end)

  it("speaks a protocol of the gateway's own", function()
    app = kit.load("tests/spec/gateways/protocol")
    local client = app:connect { subprotocols = { "other.v1", "shout.v1" } }
    assert.equal("shout.v1", client.subprotocol)
    client:send_text("hi")
    assert.equal("HI", client:receive_text())
    client:send_binary("\1\2\3")
    assert.equal("\3\2\1", client:receive_binary())
    local _, refusal = app:connect { subprotocols = { "other.v1" } }
    assert.equal(400, refusal.status)
  end)
end)
