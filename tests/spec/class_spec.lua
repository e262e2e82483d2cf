-- SPDX-License-Identifier: MIT
local class = dofile("lua/tidegate/class.lua")

describe("class", function()
  local object = setmetatable({}, {
    __index = class.make({ greet = function() return "hello" end }, function(self, key)
      return type(self) == "table" and "the " .. tostring(key) or nil
    end),
  })

  it("finds methods", function()
    assert.equal("hello", object:greet())
  end)

  it("asks for what is no method", function()
    assert.equal("the name", object.name)
    assert.equal("the 1", object[1])
  end)
end)
