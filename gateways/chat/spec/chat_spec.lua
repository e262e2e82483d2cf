-- SPDX-License-Identifier: MIT
local kit = require "tidegate.kit"

describe("chat", function()
  local app

  before_each(function()
    app = kit.load("gateways/chat")
  end)

  local function connect(name, tenant, worker)
    return assert(app:connect {
      claims = name and { sub = name }, tenant = tenant, worker = worker,
    })
  end

  it("delivers to everybody in the lobby, the sender too", function()
    local alice, bob = connect "alice", connect "bob"
    assert.same({ delivered = true }, alice:request("message::send", { text = "hi" }))
    local message = { room = "lobby", from = "alice", text = "hi" }
    assert.same(message, bob:receive("message::receive"))
    assert.same(message, alice:receive("message::receive"))
    bob:expect_nothing()
  end)

  it("delivers to the room, not to other tenants", function()
    local alice, bob = connect("alice", "acme"), connect("bob", "acme")
    local eve, mallory = connect("eve", "globex"), connect "mallory"
    alice:send("message::send", { text = "hi" })
    assert.same({ room = "lobby", from = "alice", text = "hi" }, bob:receive("message::receive"))
    eve:expect_nothing()
    mallory:expect_nothing()
  end)

  it("delivers to those who joined the room, until they leave it", function()
    local alice, bob, carol = connect "alice", connect "bob", connect "carol"
    assert.same({ room = "tea" }, alice:request("room::join", { room = "tea" }))
    assert.same({ room = "tea" }, bob:request("room::join", { room = "tea" }))
    alice:send("message::send", { room = "tea", text = "one" })
    assert.same({ room = "tea", from = "alice", text = "one" }, bob:receive("message::receive"))
    carol:expect_nothing()
    assert.same({ room = "tea" }, bob:request("room::leave", { room = "tea" }))
    alice:send("message::send", { room = "tea", text = "two" })
    bob:expect_nothing()
  end)

  it("lets nobody talk in a room they are not in", function()
    local alice, bob = connect "alice", connect "bob"
    bob:request("room::join", { room = "tea" })
    local data, code = alice:request("message::send", { room = "tea", text = "hi" })
    assert.is_nil(data)
    assert.equal("forbidden", code)
    bob:expect_nothing()
    alice:request("room::leave", { room = "lobby" })
    assert.equal("forbidden", select(2, alice:request("message::send", { text = "hi" })))
  end)

  it("gives a latecomer no history", function()
    local alice = connect "alice"
    alice:request("message::send", { text = "early" })
    connect("bob"):expect_nothing()
  end)

  it("names those who came without a token apart", function()
    local one, two = connect(), connect()
    one:send("message::send", { text = "hi" })
    local from_one = two:receive("message::receive").from
    two:send("message::send", { text = "hi" })
    local from_two = two:receive("message::receive").from
    assert.truthy(from_one:match("^anonymous%-%S+$"))
    assert.truthy(from_two:match("^anonymous%-%S+$"))
    assert.not_equal(from_one, from_two)
  end)

  it("answers bad data with bad_request, and goes on", function()
    local alice = connect "alice"
    local bad = {
      { "message::send", nil }, { "message::send", "text" }, { "message::send", {} },
      { "message::send", { text = 1 } }, { "message::send", { text = "" } },
      { "message::send", { text = "hi", room = 1 } },
      { "message::send", { text = "hi", room = "" } },
      { "room::join", nil }, { "room::join", 7 }, { "room::join", { room = {} } },
      { "room::join", { room = ("x"):rep(129) } }, { "room::leave", { room = false } },
    }
    for _, case in ipairs(bad) do
      local data, code = alice:request(case[1], case[2])
      assert.is_nil(data)
      assert.equal("bad_request", code)
    end
    assert.same({ room = ("x"):rep(128) }, alice:request("room::join", { room = ("x"):rep(128) }))
  end)

  it("says so when somebody is in too many rooms", function()
    local alice = connect "alice"
    local data, code
    for number = 1, 64 do
      data, code = alice:request("room::join", { room = "room " .. number })
    end
    assert.is_nil(data)
    assert.equal("full", code)
    assert.same({ delivered = true }, alice:request("message::send", { text = "still here" }))
  end)

  it("evicts who does not read, and nobody else", function()
    app = kit.load("gateways/chat", { limits = { outbound_messages = 8 } })
    local alice, bob, carol = connect "alice", connect "bob", connect "carol"
    bob:stall()
    for number = 1, 9 do
      alice:send("message::send", { text = "message " .. number })
    end
    assert.equal("slow_client", select(3, bob:closed()))
    bob:drain() -- what had left for it arrives, and after the decision no data follows
    assert.equal("message 1", bob:receive("message::receive").text)
    bob:expect_nothing()
    assert.same({ 1013, "too slow", "slow_client" }, { bob:closed() })
    assert.same({ alice, carol }, app:members "lobby")
    assert.is_nil(carol:closed())
  end)

  it("sweeps the silent and keeps those who answer pings", function()
    local alice = connect "alice"
    local hung = app:connect { claims = { sub = "bob" }, silent = true }
    app:advance(59999)
    assert.is_nil(hung:closed())
    app:advance(1)
    assert.same({ 4008, "idle", "idle" }, { hung:closed() })
    app:advance(600000)
    assert.is_nil(alice:closed())
    assert.equal(1, app:metrics 'ws_closed_total{reason="idle"}')
  end)

  it("closes a client when its token expires", function()
    app = kit.load("gateways/chat", { config = { auth = { leeway = 0 } } })
    local alice = app:connect { claims = { sub = "alice", exp = app:now() / 1000 + 120 } }
    app:advance(119999)
    assert.is_nil(alice:closed())
    app:advance(1)
    assert.same({ 4001, "token expired", "token_expired" }, { alice:closed() })
    assert.same({}, app:members "lobby")
  end)

  describe("on two workers", function()
    before_each(function()
      app = kit.load("gateways/chat", { workers = 2 })
    end)

    it("delivers across them, once and in order", function()
      local alice, bob = connect("alice", nil, 1), connect("bob", nil, 2)
      for number = 1, 100 do
        alice:send("message::send", { text = tostring(number) })
      end
      for number = 1, 100 do
        assert.equal(tostring(number), bob:receive("message::receive").text)
        assert.equal(tostring(number), alice:receive("message::receive").text)
      end
      bob:expect_nothing()
    end)

    it("keeps tenants apart", function()
      local alice, bob = connect("alice", "acme", 1), connect("bob", "acme", 2)
      local eve = connect("eve", "globex", 2)
      alice:send("message::send", { text = "hi" })
      assert.equal("hi", bob:receive("message::receive").text)
      eve:expect_nothing()
    end)

    it("keeps a lobby per tenant over both", function()
      local alice, bob = connect("alice", "acme", 1), connect("bob", "acme", 2)
      local eve = connect("eve", "globex", 2)
      assert.same({ alice, bob }, app:members("lobby", { tenant = "acme" }))
      assert.same({ eve }, app:members("lobby", { tenant = "globex" }))
    end)

    it("says so when the other worker can't be reached, and nobody hears it", function()
      local alice, bob = connect("alice", nil, 1), connect("bob", nil, 2)
      app:refuse_publications(1)
      assert.equal("unavailable", select(2, alice:request("message::send", { text = "lost" })))
      alice:expect_nothing()
      bob:expect_nothing()
      assert.same({ delivered = true }, alice:request("message::send", { text = "heard" }))
      assert.equal("heard", bob:receive("message::receive").text)
    end)

    it("goes on without a worker that dies", function()
      local alice, bob = connect("alice", nil, 1), connect("bob", nil, 2)
      app:lose_worker(2)
      assert.same({ 1006, "", "worker_lost" }, { bob:closed() })
      assert.same({ alice }, app:members "lobby")
      local back = connect("bob", nil, 2)
      alice:send("message::send", { text = "welcome back" })
      assert.equal("welcome back", back:receive("message::receive").text)
    end)
  end)
end)
