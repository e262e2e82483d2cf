-- SPDX-License-Identifier: MIT
local kit = require "tidegate.kit"

describe("kit faults", function()
  local app

  local function connect(options)
    options = options or {}
    options.params = { place = "here" }
    return app:connect(options)
  end

  before_each(function()
    app = kit.load("tests/spec/gateways/api")
  end)

  it("end one call by its CPU budget, and the next runs", function()
    local alice = connect()
    app:exhaust_cpu()
    assert.equal("handler_timeout", select(2, alice:request("count")))
    assert.equal(1, alice:request("count"))
    app:expect_error("CPU budget")
  end)

  it("close who runs out of it again and again", function()
    local alice = connect()
    app:exhaust_cpu(3)
    for _ = 1, 3 do
      alice:send("count")
    end
    assert.same({ 1011, "handler_timeout" }, { (alice:closed()), (select(3, alice:closed())) })
    app:expect_error("CPU budget")
  end)

  it("stop a handler that really never ends", function()
    local alice = connect()
    assert.equal("handler_timeout", select(2, alice:request("spin")))
    app:expect_error("CPU budget")
    assert.equal(1, alice:request("count"))
  end)

  it("leave one call without memory, and the next has it", function()
    local alice = connect()
    app:exhaust_memory()
    assert.equal("handler_error", select(2, alice:request("count")))
    assert.equal(1, alice:request("count"))
    app:expect_error("not enough memory")
  end)

  it("close a client whose on_connect has none", function()
    app:exhaust_memory()
    assert.equal("script_failed", select(3, connect():closed()))
    app:expect_error("not enough memory")
  end)

  it("suspend tenants, and forget them", function()
    app = kit.load("tests/spec/gateways/api", {
      tenants = { acme = { name = "Acme" }, globex = {}, old = { suspended = true } }, workers = 2,
    })
    local alice, bob = connect { tenant = "acme" }, connect { tenant = "globex" }
    assert.same({ id = "acme", name = "Acme" }, alice:request("properties").tenant)
    assert.equal(403, (select(2, connect { tenant = "old" })).status)
    assert.truthy((select(2, connect { tenant = "nobody" })).status >= 400)
    app:set_tenants { acme = { suspended = true }, globex = {} }
    assert.equal("tenant_suspended", select(3, alice:closed()))
    assert.is_nil(bob:closed())
    app:set_tenants { acme = {} }
    assert.equal("unknown_tenant", select(3, bob:closed()))
    assert.truthy(connect { tenant = "acme" })
    app:lose_worker(1)
    assert.truthy(connect { tenant = "acme", worker = 1 })
    assert.is_nil((connect { tenant = "globex", worker = 1 }))
    assert.has_error(function() app:set_tenants { "acme" } end)
  end)

  it("revoke tokens, subjects and tenants", function()
    local alice = connect { claims = { sub = "alice", jti = "one" } }
    local bob = connect { claims = { sub = "bob" } }
    app:revoke("jti", "one")
    assert.equal("revoked", select(3, alice:closed()))
    assert.is_nil(bob:closed())
    app:revoke("sub", "bob")
    assert.equal("revoked", select(3, bob:closed()))
    assert.equal(401, (select(2, connect { claims = { sub = "alice", jti = "one" } })).status)
    assert.has_error(function() app:revoke("nothing", "x") end)
  end)
end)
