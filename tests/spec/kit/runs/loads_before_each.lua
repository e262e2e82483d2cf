-- SPDX-License-Identifier: MIT
-- Run by spec_run_spec.lua in a busted of its own: the first test of a run, and a before_each.
local kit = require "tidegate.kit"

local API = "tests/spec/gateways/api"

local function fail(app, text)
  app:connect({ params = { place = "here" } }):send("fail", text)
end

describe("first", function()
  it("fails: unexpected in the first test", function()
    fail(kit.load(API), "left by the first")
  end)

  it("passes: after the first", function()
    assert.truthy(kit.load(API):now())
  end)
end)

describe("before each", function()
  local app, others = nil, {}

  local function load()
    return kit.load(API)
  end

  before_each(function()
    app = load()
    others[#others + 1] = app
  end)

  after_each(function()
    print("logs afterwards: " .. #app:logs { level = "error" })
  end)

  it("fails: in an app of a before_each", function()
    fail(app, "left in an app of a before_each")
  end)

  it("passes: the app of the test before was stopped", function()
    assert.has_error(function()
      others[1]:settle()
    end, "the app was stopped")
    assert.truthy(app:now())
  end)

  describe("that fails itself", function()
    local is_first = true

    before_each(function()
      if is_first then
        is_first = false
        fail(app, "left by a before_each that fails")
        error("a before_each that fails")
      end
    end)

    it("is not run", function() end)

    it("passes: after a before_each that failed", function()
      assert.has_error(function()
        others[3]:settle()
      end, "the app was stopped")
    end)
  end)
end)
