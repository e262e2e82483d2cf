-- SPDX-License-Identifier: MIT
local callbacks = dofile("lua/tidegate/callbacks.lua")

describe("callbacks", function()
  local made, checks

  before_each(function()
    checks = 0
    made = callbacks.make(string.gsub, table.sort, function() checks = checks + 1 end)
  end)

  it("does what the natives do", function()
    assert.same({ "b.b", 2 }, { made.gsub("a.a", "a", "b") })
    assert.same({ "b.a", 1 }, { made.gsub("a.a", "a", "b", 1) })
    assert.equal("A.A", (made.gsub("a.a", "a", string.upper)))
    local list = { 1, 3, 2 }
    made.sort(list)
    assert.same({ 1, 2, 3 }, list)
    made.sort(list, function(a, b) return a > b end)
    assert.same({ 3, 2, 1 }, list)
  end)

  it("asks for the depth where it may call back", function()
    made.gsub("a", "a", "b")
    assert.equal(0, checks)
    made.gsub("a", "a", string.upper)
    made.gsub("a", "a", {})
    made.sort({})
    assert.equal(3, checks)
  end)
end)
