-- SPDX-License-Identifier: MIT
local suspend = dofile("lua/tidegate/suspend.lua")

-- What the server does: runs fn in a coroutine, resumes it as often as it suspends, with the
-- answers in order.
local function setup()
  local base
  local made = suspend.make {
    create = coroutine.create,
    resume = coroutine.resume,
    yield = coroutine.yield,
    status = coroutine.status,
    running = coroutine.running,
    isyieldable = coroutine.isyieldable,
    error = error,
    setmetatable = setmetatable,
    is_base = function() return coroutine.running() == base end,
    collect = collectgarbage,
    check_depth = function() end,
    died = function() end,
  }
  local asked = {}
  local function run(fn, answers)
    base = coroutine.create(fn)
    local results = { coroutine.resume(base) }
    for _, answer in ipairs(answers or {}) do
      assert.equal(made.signal, results[2])
      asked[#asked + 1] = results[3]
      results = { coroutine.resume(base, unpack(answer)) }
    end
    return unpack(results)
  end
  local ask = made.suspending(function(what)
    if what == nil then
      return nil, "nothing was asked"
    end
    return what
  end)
  return made.coroutine, run, ask, asked
end

describe("suspend", function()
  local co, run, ask, asked

  before_each(function()
    co, run, ask, asked = setup()
  end)

  it("gives the request to the server and its answer back", function()
    assert.same({ true, 1, 2 }, { run(function() return ask("a") end, { { true, 1, 2 } }) })
    assert.same({ "a" }, asked)
  end)

  it("raises what the server answers with false, at the caller's line", function()
    local ok, message = run(function()
      local answer = ask("a")
      return answer
    end, { { false, "no" } })
    assert.is_false(ok)
    assert.matches("suspend_spec%.lua:%d+: no$", message)
  end)

  it("raises what is wrong with the arguments, at the caller's line", function()
    local ok, message = run(function()
      local answer = ask()
      return answer
    end)
    assert.is_false(ok)
    assert.matches("suspend_spec%.lua:%d+: nothing was asked$", message)
  end)

  it("passes through the author's coroutines and keeps their own yields", function()
    local results = { run(function()
      local inner = co.create(function(a)
        local b = co.yield(ask(a))
        return ask(b), "end"
      end)
      local first = { co.resume(inner, "x") }
      local second = { co.resume(inner, "y") }
      return first, second, co.status(inner)
    end, { { true, "X" }, { true, "Y" } }) }
    assert.same({ true, { true, "X" }, { true, "Y", "end" }, "dead" }, results)
    assert.same({ "x", "y" }, asked)
  end)

  it("passes through wrap, also as an iterator", function()
    local _, list = run(function()
      local list = {}
      for value in co.wrap(function()
        co.yield(ask("1"))
        co.yield(ask("2"))
      end) do
        list[#list + 1] = value
      end
      return list
    end, { { true, "one" }, { true, "two" } })
    assert.same({ "one", "two" }, list)
  end)

  it("keeps the number of results", function()
    local _, none, one = run(function()
      local function count(...) return select("#", ...) end
      return count(co.resume(co.create(function() end))),
        count(co.resume(co.create(function() return nil, nil end)))
    end)
    assert.same({ 1, 3 }, { none, one })
  end)

  it("lets wrap raise what was raised, unchanged", function()
    local fault = {}
    local ok, err = run(function() co.wrap(function() error(fault) end)() end)
    assert.is_false(ok)
    assert.equal(fault, err)
  end)

  it("raises where a coroutine on the way can't yield", function()
    local ok, caught, message = run(function()
      local inner = co.create(function() return ask("a") end)
      local caught, message
      table.sort({ 2, 1 }, function()
        caught, message = co.resume(inner)
        return false
      end)
      return caught, message
    end)
    assert.is_true(ok)
    assert.is_false(caught)
    assert.matches("cannot suspend here", message)
    assert.same({}, asked)
  end)

  it("refuses to resume what waits, and tells its status as normal", function()
    local inner
    local results = { run(function()
      inner = co.create(function() return ask("a") end)
      local ok, value = co.resume(inner)
      return ok, value
    end, {}) }
    assert.is_true(results[1])
    assert.same({ false, "cannot resume a coroutine that waits in a suspending call" },
      { co.resume(inner, true, "stolen") })
    assert.equal("normal", co.status(inner))
  end)

  it("does not show the server's coroutine", function()
    local _, is_inner, outer = run(function()
      local inner
      inner = co.create(function() return co.running() == inner end)
      return select(2, co.resume(inner)), co.running()
    end)
    assert.is_nil(outer)
    assert.is_true(is_inner)
  end)
end)
