-- SPDX-License-Identifier: MIT
local driver = require "driver"

describe("chat over real sockets", function()
  local app

  setup(function()
    app = driver.load("gateways/chat")
  end)

  teardown(function()
    app:stop()
  end)

  after_each(function()
    app:leave_all()
  end)

  local function connect(name, tenant)
    return app:connect { path = "/chat", claims = name and { sub = name }, tenant = tenant }
  end

  it("delivers to everybody in the lobby, the sender too", function()
    local alice, bob = connect "alice", connect "bob"
    assert.same({ delivered = true }, alice:request("message::send", { text = "hi" }))
    local message = { room = "lobby", from = "alice", text = "hi" }
    assert.same(message, bob:receive("message::receive"))
    assert.same(message, alice:receive("message::receive"))
    assert.is_nil(bob:receive("message::receive"))
  end)

  it("delivers to the room, not to other tenants", function()
    local alice, bob = connect("alice", "acme"), connect("bob", "acme")
    local eve, mallory = connect("eve", "globex"), connect "mallory"
    alice:send("message::send", { text = "hi" })
    assert.same({ room = "lobby", from = "alice", text = "hi" }, bob:receive("message::receive"))
    assert.is_nil(eve:receive("message::receive"))
    assert.is_nil(mallory:receive("message::receive"))
  end)

  it("delivers to those who joined the room, until they leave it", function()
    local alice, bob, carol = connect "alice", connect "bob", connect "carol"
    assert.same({ room = "tea" }, alice:request("room::join", { room = "tea" }))
    assert.same({ room = "tea" }, bob:request("room::join", { room = "tea" }))
    alice:send("message::send", { room = "tea", text = "one" })
    assert.same({ room = "tea", from = "alice", text = "one" }, bob:receive("message::receive"))
    assert.is_nil(carol:receive("message::receive"))
    assert.same({ room = "tea" }, bob:request("room::leave", { room = "tea" }))
    alice:send("message::send", { room = "tea", text = "two" })
    assert.is_nil(bob:receive("message::receive"))
  end)

  it("lets nobody talk in a room they are not in", function()
    local alice, bob = connect "alice", connect "bob"
    bob:request("room::join", { room = "tea" })
    local data, code = alice:request("message::send", { room = "tea", text = "hi" })
    assert.is_nil(data)
    assert.equal("forbidden", code)
    assert.is_nil(bob:receive("message::receive"))
    alice:request("room::leave", { room = "lobby" })
    assert.equal("forbidden", select(2, alice:request("message::send", { text = "hi" })))
  end)

  it("gives a latecomer no history", function()
    local alice = connect "alice"
    alice:request("message::send", { text = "early" })
    local bob = connect "bob"
    assert.is_nil(bob:receive("message::receive"))
  end)

  it("names those who came without a token apart", function()
    local one, two = connect(), connect()
    one:send("message::send", { text = "hi" })
    local from_one = two:receive("message::receive").from
    two:receive("message::receive")
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
end)
