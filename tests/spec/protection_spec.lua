-- SPDX-License-Identifier: MIT
local protection = dofile("lua/tidegate/protection.lua")

describe("protection", function()
  local made, collections

  before_each(function()
    collections = 0
    made = protection.make {
      pcall = pcall,
      select = select,
      collect = function() collections = collections + 1 end,
    }
  end)

  it("returns what the function returns, with the number of results", function()
    assert.same({ true, 1, nil, 3, n = 4 },
      { n = select("#", made.pcall(function() return 1, nil, 3 end)),
        made.pcall(function() return 1, nil, 3 end) })
    assert.equal(1, select("#", made.xpcall(function() end, print)))
    assert.same({ true, "a", "b" }, { made.xpcall(function(...) return ... end, print, "a", "b") })
  end)

  it("catches errors as they are", function()
    local fault = {}
    local ok, err = made.pcall(error, fault)
    assert.is_false(ok)
    assert.equal(fault, err)
  end)

  it("gives the error to the message handler, and its one result back", function()
    local results = { made.xpcall(function() error("e", 0) end,
      function(err) return err .. "!", "more" end) }
    assert.same({ false, "e!" }, results)
  end)

  it("survives a message handler that raises", function()
    local ok, err = made.xpcall(function() error("e", 0) end, function() error("h", 0) end)
    assert.is_false(ok)
    assert.equal("h", err)
  end)

  it("lets yields through, in the function and in the message handler", function()
    local co = coroutine.wrap(function()
      return made.xpcall(function()
        error(coroutine.yield("first"), 0)
      end, function(err)
        return err .. coroutine.yield("second")
      end)
    end)
    assert.equal("first", co())
    assert.equal("second", co("a"))
    assert.same({ false, "ab" }, { co("b") })
  end)

  it("collects after memory has run out, and only then", function()
    made.pcall(error, "not enough memory", 0)
    assert.equal(1, collections)
    made.pcall(error, "other", 0)
    made.pcall(tostring, 1)
    assert.equal(1, collections)
  end)
end)
