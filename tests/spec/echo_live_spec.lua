-- SPDX-License-Identifier: MIT
local cjson = require "cjson"
local driver = require "driver"

describe("echo over real sockets", function()
  local app, client

  setup(function()
    app = driver.load("gateways/echo")
  end)

  teardown(function()
    app:stop()
  end)

  before_each(function()
    client = app:connect { path = "/echo" }
  end)

  after_each(function()
    client:close()
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
      local event = client:receive_text()
      assert.equal('{"event":"echo","data":' .. text .. "}", event)
      assert.equal('{"id":"as it is","data":' .. text .. "}", client:receive_text())
    end
  end)

  it("answers a request with its data, after the event", function()
    assert.same({ n = 1 }, client:request("echo", { n = 1 }))
    assert.same({ n = 1 }, client:receive("echo"))
    assert.is_nil(client:receive("echo"))
  end)

  it("sends null for data that is absent", function()
    assert.equal(cjson.null, client:request("echo"))
    assert.equal(cjson.null, client:receive("echo"))
  end)

  it("says which event it does not know", function()
    local data, code = client:request("eho", {})
    assert.is_nil(data)
    assert.equal("unknown_event", code)
  end)

  it("keeps the order of a thousand messages", function()
    for number = 1, 1000 do
      client:send("echo", number)
      if number % 100 == 0 then
        for expected = number - 99, number do
          assert.equal(expected, client:receive("echo"))
        end
      end
    end
  end)
end)
