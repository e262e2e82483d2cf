-- SPDX-License-Identifier: MIT
local kit = require "tidegate.kit"

local API = "tests/spec/gateways/api"

describe("kit app", function()
  local function message_of(...)
    local ok, err = pcall(...)
    assert.is_false(ok)
    return tostring(err)
  end

  local function api(options)
    local app = kit.load(API, options)
    return app, function(more)
      more = more or {}
      more.params = { place = "here" }
      return app:connect(more)
    end
  end

  it("says what is wrong with a gateway or an option", function()
    assert.truthy(message_of(kit.load, "gateways/none"):find("gateways/none", 1, true))
    assert.truthy(message_of(kit.load, "docs"):find("docs: no gateway is in it", 1, true))
    assert.truthy(message_of(kit.load, API, { wrokers = 2 }):find("no option wrokers", 1, true))
    assert.truthy(message_of(kit.load, API, { limits = { rooms = 0 } })
      :find("limits.rooms", 1, true))
    assert.truthy(message_of(kit.load, API, { limits = { rooms = print } })
      :find("limits.rooms: a function is no setting", 1, true))
    assert.truthy(message_of(kit.load, API, { config = { lmits = { rooms = 1 } } })
      :find("lmits.rooms", 1, true))
    for _, seed in ipairs { 1.5, 1e300, "x" } do
      assert.truthy(message_of(kit.load, API, { seed = seed })
        :find("seed: expected a whole number", 1, true))
    end
  end)

  it("loads one gateway or all of a folder", function()
    local app = kit.load("gateways")
    assert.truthy(app:connect { path = "/chat" })
    assert.truthy(app:connect { path = "/echo" })
    assert.truthy(message_of(app.connect, app):find("connect needs a path", 1, true))
    assert.truthy(message_of(app.members, app, "x"):find("members needs a gateway", 1, true))
    assert.same(1, #app:members("lobby", { gateway = "chat" }))
    app = kit.load(API)
    assert.truthy(message_of(app.connect, app):find("needs params.place", 1, true))
  end)

  it("runs a gateway's selftest, apart from what serves", function()
    assert.truthy(message_of(kit.load, "tests/spec/gateways/unsound")
      :find("unsound/gateway.lua:7: the selftest failed: one is missing", 1, true))
    local alice = kit.load("tests/spec/gateways/selftest"):connect()
    assert.equal(1, alice:request("count"))
  end)

  it("starts at the same moment each time, or when it is told", function()
    assert.equal(1767225600000, (api():now()))
    local app = api { clock = 1000000000000 }
    app:settle()
    app:advance(1234)
    assert.equal(1000000001234, app:now())
  end)

  it("counts connections and caps them", function()
    local app, connect = api { limits = { max_connections = 2 } }
    connect()
    local second = connect()
    local _, refusal = connect()
    assert.equal(503, refusal.status)
    assert.equal("websocket capacity reached", refusal.body)
    local seconds = tonumber(refusal.headers["retry-after"])
    assert.truthy(seconds >= 5 and seconds <= 30)
    assert.equal(2, app:connections())
    second:close()
    assert.truthy(connect())
  end)

  it("gives metrics by name", function()
    local app, connect = api()
    connect():send("nobody knows it")
    assert.equal(1, app:metrics 'ws_messages_ignored_total{reason="unknown_event"}')
    assert.equal(1, app:metrics().ws_connections)
    assert.truthy(message_of(app.metrics, app, "nonesuch"):find("nonesuch", 1, true))
  end)

  it("takes errors that are expected, and says which are not there", function()
    local app, connect = api()
    local alice = connect()
    alice:send("fail", "one")
    alice:send("fail", "one")
    assert.truthy(message_of(app.expect_error, app, "two"):find("one", 1, true))
    local line = app:expect_error("one")
    assert.equal("fail", line.fields.event)
    assert.truthy(message_of(app.expect_error, app, "two"):find("there are no errors", 1, true))
  end)

  it("raises at its stop for an error that was not expected", function()
    local app, connect = api()
    connect():send("fail", "surprise")
    assert.truthy(message_of(app.stop, app):find("surprise", 1, true))
    app:stop() -- told once
  end)

  it("bounds what never comes to rest", function()
    local app = kit.load("tests/spec/gateways/restless")
    local client = app:connect()
    assert.truthy(message_of(client.send, client, "start"):find("does not come to rest", 1, true))
    pcall(app.stop, app)
  end)

  describe("with several workers", function()
    it("spreads clients over them in turn", function()
      local app, connect = api { workers = 3 }
      assert.same({ 1, 2, 3, 1 },
        { connect().worker, connect().worker, connect().worker, connect().worker })
      assert.equal(4, app:connections())
      assert.equal(2, connect():request("who").worker)
      assert.truthy(message_of(connect, { worker = 4 }):find("no such worker", 1, true))
    end)

    it("has one worker by itself", function()
      local _, connect = api { workers = "auto" }
      assert.same({ 1, 1 }, { connect().worker, connect().worker })
    end)

    it("counts members everywhere", function()
      local app, connect = api { workers = 2 }
      local alice, bob = connect(), connect()
      assert.equal(2, alice:request("room_count", "hall"))
      local ids = alice:request("room_members", "hall")
      table.sort(ids)
      local wanted = { alice.id, bob.id }
      table.sort(wanted)
      assert.same(wanted, ids)
      assert.same({ alice, bob }, app:members("hall"))
    end)

    it("delays what they tell each other", function()
      local app, connect = api { workers = 2 }
      local alice, bob = connect(), connect()
      app:delay_mail(2, 500)
      alice:send("broadcast", 1)
      alice:send("broadcast", 2)
      assert.equal(1, alice:receive("told"))
      assert.is_nil(bob:receive("told"))
      assert.is_nil(bob:receive("told", 499))
      assert.equal(1, bob:receive("told", 1))
      assert.equal(2, bob:receive("told"))
    end)

    it("leaves out a worker that does not answer in time", function()
      local app, connect = api { workers = 2 }
      local alice = connect()
      connect()
      app:delay_mail(2, 5000)
      assert.equal(1, alice:request("room_count", "hall", 2000))
      app:advance(5000)
      assert.equal(2, alice:request("room_count", "hall"))
    end)

    it("loses a worker and starts another", function()
      local app, connect = api { workers = 2 }
      local alice, bob = connect(), connect()
      app:lose_worker(2)
      assert.same({ 1006, "", "worker_lost" }, { bob:closed() })
      assert.equal(1, alice:request("room_count", "hall"))
      assert.equal(1, app:connections())
      local carol = connect { worker = 2 }
      assert.not_equal(bob.id, carol.id)
      alice:send("broadcast", "hi")
      assert.equal("hi", carol:receive("told"))
      bob:expect_nothing()
    end)
  end)

  describe("with a seed", function()
    local function run(seed)
      local app, connect = api { seed = seed, workers = 2, limits = { max_connections = 3 } }
      local seen = {}
      for number = 1, 3 do
        local client = connect()
        local properties, who = client:request("properties"), client:request("who")
        seen[#seen + 1] = table.concat({ client.id, properties.trace_id, who.random }, " ")
        client:send("broadcast", number)
        app:advance(1000 * number)
      end
      local _, refusal = connect()
      seen[#seen + 1] = refusal.headers["retry-after"]
      for _, line in ipairs(app:logs()) do
        seen[#seen + 1] = line.line
      end
      for number = 0, 2 do
        for _, frame in ipairs(app.clients[number]:frames()) do
          seen[#seen + 1] = ("%s %d %s %s"):format(frame.kind, frame.at, tostring(frame.event),
            tostring(frame.event and frame.data))
        end
      end
      app:stop()
      return table.concat(seen, "\n")
    end

    it("runs the same a hundred times, and otherwise with another", function()
      local first = run(42)
      assert.truthy(#first > 500)
      for _ = 2, 100 do
        assert.equal(first, run(42))
      end
      assert.not_equal(first, run(43))
    end)
  end)
end)
