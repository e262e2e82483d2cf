-- SPDX-License-Identifier: MIT
local kit = require "tidegate.kit"

describe("echo", function()
  local client

  before_each(function()
    client = kit.load("gateways/echo"):connect()
  end)

  it("sends data of every kind back as the event echo", function()
    local kinds = { "text", "", 0, -12, 2.5, true, false, { 1, 2, 3 }, { a = { b = "c" } } }
    for _, data in ipairs(kinds) do
      client:send("echo", data)
      assert.same(data, client:receive("echo"))
    end
  end)

  it("keeps what Lua's tables would lose", function()
    for _, text in ipairs { "[]", "{}", "[[],{}]", "null" } do
      client:send_text('{"event":"echo","data":' .. text .. ',"id":"as it is"}')
      assert.equal('{"event":"echo","data":' .. text .. "}", client:receive_text())
      assert.equal('{"id":"as it is","data":' .. text .. "}", client:receive_text())
    end
  end)

  it("answers a request with its data, after the event", function()
    assert.same({ n = 1 }, client:request("echo", { n = 1 }))
    assert.same({ n = 1 }, client:receive("echo"))
    client:expect_nothing()
  end)

  it("sends null for data that is absent", function()
    assert.equal(kit.null, client:request("echo"))
    assert.equal(kit.null, client:receive("echo"))
  end)

  it("says which event it does not know", function()
    local data, code = client:request("eho", {})
    assert.is_nil(data)
    assert.equal("unknown_event", code)
  end)

  it("keeps the order of a thousand messages", function()
    for number = 1, 1000 do
      client:send("echo", number)
    end
    for number = 1, 1000 do
      assert.equal(number, client:receive("echo"))
    end
  end)
end)
