-- SPDX-License-Identifier: MIT
local call = dofile("lua/tidegate/call.lua")

describe("call", function()
  local function pack(...)
    return { n = select("#", ...), ... }
  end

  it("runs what begin gives and returns its results", function()
    local made = call.make(function()
      return function(...) return select("#", ...), ... end, "a", nil
    end)
    assert.same({ n = 3, 2, "a", nil }, pack(made.body()))
    assert.same({ n = 3, 2, "a", nil }, pack(made.body_of_two()))
  end)

  it("hands over as many arguments as begin gives", function()
    for count = 0, 5 do
      local made = call.make(function()
        return function(...) return select("#", ...) end, unpack({ 1, 2, 3, 4, 5 }, 1, count)
      end)
      assert.equal(count, made.body())
    end
  end)

  it("lets the handler yield", function()
    local made = call.make(function()
      return function(value) return value .. coroutine.yield() end, "a"
    end)
    for _, body in ipairs({ made.body, made.body_of_two }) do
      local co = coroutine.wrap(body)
      co()
      assert.equal("ab", co("b"))
    end
  end)

  describe("guarded", function()
    local made = call.make(print)
    local seen

    local function handler(client, data)
      seen[#seen + 1] = { client, data }
      return "handled"
    end

    local function ask(...)
      return made.guarded({ ... }, handler, "client", "event", "data")
    end

    before_each(function()
      seen = {}
    end)

    it("goes on only when every guard says true", function()
      local function yes(...)
        seen[#seen + 1] = { ... }
        return true
      end
      assert.equal("handled", ask(yes, yes))
      assert.same({ { "client", "event", "data" }, { "client", "event", "data" },
        { "client", "data" } }, seen)
    end)

    it("stops at the first that says anything else", function()
      local function no() return false end
      local function never() error("reached") end
      assert.same({ nil, "forbidden" }, { select(1, ask(no, never)), (select(2, ask(no, never))) })
      assert.equal("forbidden", (select(2, ask(function() end))))
      assert.equal("forbidden", (select(2, ask(function() return "yes" end))))
      assert.equal("forbidden", (select(2, ask(function() return 1 end))))
      assert.same({}, seen)
    end)

    it("takes a table as the answer and nil with a code as that error", function()
      local answer = {}
      assert.equal(answer, ask(function() return answer end))
      local value, code, message = ask(function() return nil, "slow_down", "wait" end)
      assert.is_nil(value)
      assert.equal("slow_down", code)
      assert.equal("wait", message)
    end)

    it("raises what a guard raises", function()
      assert.has_error(function() ask(function() error("guard", 0) end) end, "guard")
    end)
  end)
end)
