-- SPDX-License-Identifier: MIT
-- What a token that comes on the socket changes for a gateway: its end, a refresh, a first message.
local kit = require "tidegate.kit"

describe("a token on the socket", function()
  local app

  before_each(function()
    app = kit.load("tests/spec/gateways/api")
  end)

  local function connect(claims)
    return app:connect { params = { place = "here" }, claims = claims, tenant = "acme" }
  end

  local function refresh(client, claims)
    return client:request("auth", { token = app:token { claims = claims, tenant = "acme" } })
  end

  it("ends the connection at its exp", function()
    local alice = connect { sub = "alice", exp = math.floor(app:now() / 1000) + 10 }
    app:advance(9000)
    assert.is_nil(alice:closed())
    app:advance(1000)
    assert.same({ 4001, "token expired", "token_expired" }, { alice:closed() })
  end)

  it("replaces the claims and moves the end, and leaves tenant and state", function()
    local exp = math.floor(app:now() / 1000)
    local alice = connect { sub = "alice", exp = exp + 10, role = "guest" }
    assert.equal(1, alice:request("count"))
    assert.is_true(refresh(alice, { sub = "alice", exp = exp + 60, role = "admin" }))
    local seen = alice:request("properties")
    assert.equal("admin", seen.claims.role)
    assert.same({ id = "acme", name = "acme" }, seen.tenant)
    assert.equal(2, alice:request("count"))
    app:advance(30000)
    assert.is_nil(alice:closed())
    app:advance(30000)
    assert.equal(4001, (alice:closed()))
  end)

  it("is refused with one answer when it is another's", function()
    local alice = connect { sub = "alice", role = "guest" }
    local _, code = refresh(alice, { sub = "bob" })
    assert.equal("unauthorized", code)
    assert.equal("guest", alice:request("properties").claims.role)
  end)
end)
