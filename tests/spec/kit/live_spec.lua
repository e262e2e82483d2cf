-- SPDX-License-Identifier: MIT
-- What kit.live says without a server; tests/spec/program.py runs specs on one.
local kit = require "tidegate.kit"

describe("kit.live", function()
  it("wants the URL of a server, without a path", function()
    for _, url in ipairs { "http://127.0.0.1:1", "ws://127.0.0.1:1/chat", "127.0.0.1:1", 7 } do
      assert.has_error(function()
        kit.live(url)
      end, 'kit.live expects a URL such as "ws://127.0.0.1:8080", without a path')
    end
  end)

  it("knows its options", function()
    assert.has_error(function()
      kit.live("ws://127.0.0.1:1", { secrets = "x" })
    end, "kit.live has no option secrets")
  end)

  it("says that nobody listens", function()
    local app = kit.live("ws://127.0.0.1:1", { path = "/chat" })
    assert.error_matches(function()
      app:connect()
    end, "no connection to the server: ")
  end)

  it("signs no claims without a secret, and needs a path", function()
    local app = kit.live("ws://127.0.0.1:1")
    assert.error_matches(function()
      app:connect { path = "/chat", claims = { sub = "alice" } }
    end, "claims can't be signed: kit.live was given no secret")
    assert.error_matches(function()
      app:connect()
    end, "connect needs a path, or kit.live one for all")
  end)
end)
