-- SPDX-License-Identifier: MIT
local kit = require "tidegate.kit"

local API = "tests/spec/gateways/api"

describe("kit own_module", function()
  it("loads a gateway's file with its own require and the json, log and now of tidegate", function()
    local app = kit.load(API, { clock = 1000000000000 })
    local core = require "tidegate.kit.core"
    app:advance(5)
    assert.same({ name = "x", place = "here", at = 1000000000005 },
      core.decode(kit.require(API, "lib.names").text("x")))
    assert.equal("here", kit.require(API, "lib.places").first)
  end)

  it("marks JSON text as the gateway does", function()
    local names = kit.require(API, "lib.names")
    assert.equal('{"inside":[1, {}]}', names.wrap(" [1, {}] "))
    local ok, err = pcall(names.wrap, "{")
    assert.is_false(ok)
    assert.truthy(err:find("bad argument #1 to 'raw' (no JSON)", 1, true))
    assert.is_false((pcall(names.wrap, 5)))
  end)

  it("raises by name for what needs a server", function()
    local names = kit.require(API, "lib.names")
    local ok, err = pcall(names.tell, "x")
    assert.is_false(ok)
    assert.truthy(err:find("tide.room needs a server: load the gateway with kit.load", 1, true))
  end)

  it("raises for what is not there", function()
    assert.has_error(function() kit.require(API, "lib.none") end)
    assert.has_error(function() kit.require(API, "../../x") end)
    assert.has_error(function() kit.require(API, "lib..x") end)
  end)
end)
