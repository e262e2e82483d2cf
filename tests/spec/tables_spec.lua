-- SPDX-License-Identifier: MIT
local tables = dofile("lua/tidegate/tables.lua")

-- Freezes as the server does: emptied in place, read through a metatable.
local function setup()
  local frozen = setmetatable({}, { __mode = "kv" })
  local function freeze(t)
    local shadow = {}
    for key, value in pairs(t) do
      shadow[key] = value
    end
    for key in pairs(shadow) do
      t[key] = nil
    end
    frozen[t] = shadow
    return setmetatable(t, { __index = shadow, __newindex = error, __metatable = false })
  end
  return tables.make(_G, frozen), freeze
end

describe("tables", function()
  local made, freeze

  before_each(function()
    made, freeze = setup()
  end)

  it("reads ordinary tables like the natives", function()
    local t = { "a", "b", x = 1 }
    local seen = {}
    for key, value in made.pairs(t) do
      seen[key] = value
    end
    assert.same(t, seen)
    seen = {}
    for index, value in made.ipairs(t) do
      seen[index] = value
    end
    assert.same({ "a", "b" }, seen)
    assert.equal("b", made.rawget(t, 2))
    assert.equal(2, select("#", made.unpack(t)))
    assert.equal(2, made.table.maxn(t))
    assert.is_nil(made.next({}))
  end)

  it("writes ordinary tables like the natives", function()
    local t = { 3, 1 }
    assert.equal(1, made.table.remove(t))
    assert.equal(3, made.table.remove(t, 1))
    made.rawset(t, "x", 5)
    assert.equal(5, t.x)
    assert.same({ 2, 2, 1 }, made.table.move({ 2, 1 }, 1, 2, 2))
    assert.same({ 2, 3, 3 }, made.table.move({ 1, 2, 3 }, 2, 3, 1))
    assert.same({ 9, 1, 2 }, made.table.move({ 1, 2 }, 1, 2, 2, { 9 }))
    assert.same({ 1 }, made.table.move({ 1 }, 1, 0, 5))
    local whole = "whole number expected"
    for position, arguments in ipairs { { 5, 1, 1, 1 }, { {}, 0 / 0, 1, 1 }, { {}, 1, 1 / 0, 1 },
      { {}, 1, 1, 1.5 }, { {}, 1, 1, 1, 5 } } do
      local ok, err = pcall(made.table.move, unpack(arguments))
      assert.is_false(ok)
      assert.truthy(err:find("#" .. position, 1, true))
      assert.truthy(err:find((position == 1 or position == 5) and "table expected" or whole))
    end
    assert.same({ 2, 1 }, made.table.move({ 2, 1 }, 1, 2, 1, {}))
  end)

  it("reads through frozen tables", function()
    local t = freeze { "a", "b" }
    local seen = {}
    for key, value in made.pairs(t) do
      seen[key] = value
    end
    assert.same({ "a", "b" }, seen)
    seen = {}
    for index, value in made.ipairs(t) do
      seen[index] = value
    end
    assert.same({ "a", "b" }, seen)
    assert.equal("b", made.rawget(t, 2))
    assert.equal(2, select("#", made.unpack(t)))
    assert.same({ "a", "b" }, made.table.move(t, 1, 2, 1, {}))
  end)

  it("never hands out what is behind a frozen table", function()
    local t = freeze { "a" }
    local _, over_pairs = made.pairs(t)
    local _, over_ipairs = made.ipairs(t)
    assert.equal(t, over_pairs)
    assert.equal(t, over_ipairs)
  end)

  it("refuses to write frozen tables, at the caller's line", function()
    local t = freeze { "a" }
    for _, write in ipairs {
      function() made.rawset(t, 1, "b") end,
      function() made.table.remove(t) end,
      function() made.table.move({ "b" }, 1, 1, 1, t) end,
      function() made.table.move(t, 1, 1, 2) end,
    } do
      local ok, message = pcall(write)
      assert.is_false(ok)
      assert.matches("tables_spec%.lua:%d+: the table is frozen", message)
    end
    assert.equal("a", t[1])
    assert.is_nil(t[2])
  end)

  it("leaves misuse to the natives", function()
    assert.has_error(function() made.pairs(nil) end)
    assert.has_error(function() made.ipairs(5) end)
    assert.has_error(function() made.table.remove(nil, 1) end)
    assert.has_error(function() made.next(nil) end)
  end)
end)
