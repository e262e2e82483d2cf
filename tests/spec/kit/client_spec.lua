-- SPDX-License-Identifier: MIT
local kit = require "tidegate.kit"

describe("kit client", function()
  local app, alice

  before_each(function()
    app = kit.load("gateways/echo", { limits = { outbound_messages = 4, ping_interval = "10s" } })
    alice = app:connect()
  end)

  local function message_of(...)
    local ok, err = pcall(...)
    assert.is_false(ok)
    return tostring(err)
  end

  it("knows what it is", function()
    local offered = app:connect { subprotocols = { "tidegate.v1" } }
    assert.equal("tidegate.v1", offered.subprotocol)
    assert.is_nil(alice.subprotocol)
    assert.equal(1, alice.worker)
    assert.truthy(alice.id:match("^%x+%-1$"))
    assert.not_equal(alice.id, offered.id)
  end)

  it("is refused with status, headers and body", function()
    local client, refusal = app:connect { path = "/nowhere" }
    assert.is_nil(client)
    assert.equal(404, refusal.status)
    assert.equal("no gateway at this path", refusal.body)
    assert.equal("text/plain", refusal.headers["content-type"])
  end)

  it("is refused for a bad or an expired token", function()
    local past = app:now() / 1000 - 60
    for _, options in ipairs { { token = "no.good.token" }, { claims = { exp = past } },
      { claims = { exp = false } } } do
      local _, refusal = app:connect(options)
      assert.equal(401, refusal.status)
    end
    assert.truthy(app:connect { claims = { exp = app:now() / 1000 + 1 } })
  end)

  it("may send any head it likes", function()
    local _, refusal = app:connect { headers = { ["Sec-WebSocket-Version"] = "8" } }
    assert.equal(426, refusal.status)
    assert.equal("13", refusal.headers["sec-websocket-version"])
    _, refusal = app:connect { headers = { Upgrade = false } }
    assert.equal(426, refusal.status)
    _, refusal = app:connect { headers = { Host = { "one", "two" } } }
    assert.equal(400, refusal.status)
    _, refusal = app:connect { headers = { Long = ("x"):rep(20000) } }
    assert.equal(431, refusal.status)
    assert.truthy(message_of(app.connect, app, { headers = { Bad = "x\r\n" } })
      :find("the header Bad holds a line end", 1, true))
  end)

  it("says what was received instead", function()
    alice:send("echo", { n = 1 })
    local data, note = alice:receive("other")
    assert.is_nil(data)
    assert.equal('no other has come; received instead:\n  {"event":"echo","data":{"n":1}}', note)
    assert.truthy(message_of(alice.expect_nothing, alice):find('{"n":1}', 1, true))
    alice:expect_nothing("other")
    alice:receive("echo")
    assert.truthy(select(2, alice:receive("echo")):find("nothing was received instead", 1, true))
    alice:close()
    assert.truthy(select(2, alice:receive("echo")):find("it was closed: 1000", 1, true))
  end)

  it("shows the first ten of many", function()
    for number = 1, 12 do
      alice:send_text('{"event":"echo","data":' .. number .. "}")
    end
    local _, note = alice:receive("other")
    assert.truthy(note:find("and 2 more", 1, true))
  end)

  it("raises for a request without an answer", function()
    alice:stall()
    local text = message_of(alice.request, alice, "echo", 1)
    assert.truthy(text:find("no answer to echo without moving the clock", 1, true))
  end)

  it("keeps all frames, with their times", function()
    local start = app:now()
    alice:send("echo", 1)
    app:advance(10000)
    alice:close(4001, "bye")
    local frames = alice:frames()
    assert.same({ "text", "ping", "close" }, { frames[1].kind, frames[2].kind, frames[3].kind })
    assert.same({ start, start + 10000, start + 10000 },
      { frames[1].at, frames[2].at, frames[3].at })
    assert.equal(1, frames[1].data)
    assert.equal("\15\161", frames[3].payload)
  end)

  it("closes, and is echoed its code", function()
    assert.is_nil(alice:closed())
    alice:close(4001, "bye")
    assert.same({ 4001, "", "client_closed" }, { alice:closed() })
    assert.equal(0, app:connections())
    local bob = app:connect()
    bob:close(0)
    assert.same({ 0, "", "client_closed" }, { bob:closed() })
  end)

  it("drops without a word", function()
    alice:drop()
    assert.same({ 1006, "", "client_gone" }, { alice:closed() })
    assert.equal(0, app:connections())
    alice:drop()
    alice:send("echo", 1)
    alice:expect_nothing()
  end)

  it("breaks rules octet by octet", function()
    alice:send_raw("\129\1x") -- a text frame that is not masked
    assert.same({ 1002, "protocol error", "protocol_error" }, { alice:closed() })
    local bob = app:connect()
    for octet in ("\129\129\0\0\0\0"):gmatch(".") do
      bob:send_raw(octet)
    end
    bob:send_raw("\255")
    assert.equal(1007, (bob:closed()))
    local carol = app:connect()
    carol:send_binary("x")
    assert.same({ 1003, "binary messages are not taken here", "binary_refused" },
      { carol:closed() })
  end)

  it("stalls: what is sent to it waits, and is read later", function()
    alice:stall()
    alice:send("echo", 1)
    assert.equal(1, alice:queued())
    alice:expect_nothing()
    alice:drain()
    assert.equal(1, alice:receive("echo"))
    assert.equal(0, alice:queued())
    assert.is_nil(alice:closed())
  end)

  it("is cut at the write deadline when it goes on stalling", function()
    alice:stall()
    alice:send("echo", 1)
    app:advance(9999)
    assert.is_nil(alice:closed())
    app:advance(1)
    assert.same({ 1006, "", "write_deadline" }, { alice:closed() })
    app:advance(3000)
    assert.equal(0, app:metrics "ws_connections")
  end)

  it("has a queue that can be full", function()
    alice:fill_queue()
    assert.equal(4, alice:queued())
    assert.is_nil(alice:closed())
    alice:drain()
    assert.is_nil(alice:closed())
    alice:fill_queue()
    local bob = app:connect()
    bob:fill_queue()
    app:advance(10000) -- a ping has no place, which evicts nobody
    assert.equal("write_deadline", select(3, bob:closed()))
  end)

  it("answers pings unless it is silent", function()
    local silent = app:connect { silent = true }
    app:advance(60000)
    assert.equal("idle", select(3, silent:closed()))
    assert.is_nil(alice:closed())
  end)

  it("can't go on when the app was stopped", function()
    app:stop()
    assert.truthy(message_of(alice.send, alice, "echo"):find("the app was stopped", 1, true))
    assert.truthy(message_of(alice.expect_nothing, alice):find("the app was stopped", 1, true))
  end)
end)
