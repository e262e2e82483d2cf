-- SPDX-License-Identifier: MIT
-- Run by spec_run_spec.lua in a busted of its own: what must fail, fails, and nothing else does.
local kit = require "tidegate.kit"

local API = "tests/spec/gateways/api"

local function fail(app, text)
  app:connect({ params = { place = "here" } }):send("fail", text)
end

describe("run", function()
  local shared

  setup(function()
    shared = kit.load(API)
  end)

  it("fails: unexpected", function()
    fail(kit.load(API), "left behind")
  end)

  it("passes: expected", function()
    local app = kit.load(API)
    fail(app, "expected")
    app:expect_error("expected")
  end)

  it("fails: shared", function()
    fail(shared, "in the shared app")
  end)

  it("passes: shared, later", function()
    assert.is_nil(shared:connect({ params = { place = "here" } }):closed())
  end)

  it("fails: with a finally of its own", function()
    finally(function()
      print("its own finally ran")
    end)
    fail(kit.load(API), "behind finally")
  end)

  it("fails: what was received instead is told", function()
    local client = kit.load("gateways/echo"):connect()
    client:send("echo", "something else")
    assert.same("wanted", client:receive("wanted"))
  end)
end)
