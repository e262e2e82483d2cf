-- SPDX-License-Identifier: MIT
-- A thousand specs of the chat take at most three seconds of this process's time; what other
-- processes take of the machine is not counted.
local kit = require "tidegate.kit"

local SECONDS = 3 * (tonumber(os.getenv("TIDEGATE_PATIENCE")) or 1)

describe("a thousand specs", function()
  local began

  setup(function()
    began = os.clock()
  end)

  for number = 1, 1000 do
    it("number " .. number, function()
      local app = kit.load("gateways/chat", { workers = number % 2 + 1 })
      local alice = app:connect { claims = { sub = "alice" }, tenant = "acme" }
      local bob = app:connect { claims = { sub = "bob" }, tenant = "acme" }
      local eve = app:connect { claims = { sub = "eve" }, tenant = "globex" }
      assert.same({ delivered = true }, alice:request("message::send", { text = "hi" }))
      assert.equal("hi", bob:receive("message::receive").text)
      eve:expect_nothing()
      app:advance(1000)
    end)
  end

  it("take three seconds", function()
    local seconds = os.clock() - began
    print(("1000 specs: %.2f s"):format(seconds))
    assert.truthy(seconds <= SECONDS, "they took " .. seconds .. " s")
  end)
end)
