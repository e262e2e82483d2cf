-- SPDX-License-Identifier: MIT
local log_lines = require "tidegate.kit.log_lines"
local request = require "tidegate.kit.request"
local settings = require "tidegate.kit.settings"

describe("kit settings", function()
  it("are flat keys, sorted", function()
    assert.same({
      { "auth.keys[1].secret", "x" }, { "auth.sources", "header,cookie" },
      { "limits.max_connections", "10000000" }, { "limits.ping_interval", "5s" },
      { "log.level", "debug" }, { "strict", "true" },
    }, settings.flatten {
      strict = true, log = { level = "debug" },
      auth = { keys = { { secret = "x" } }, sources = { "header", "cookie" } },
      limits = { ping_interval = "5s", max_connections = 10000000 },
    })
  end)

  it("name what is no setting", function()
    local ok, err = pcall(settings.flatten, { a = { b = print } })
    assert.is_false(ok)
    assert.equal("a.b: a function is no setting", err)
  end)
end)

describe("kit request", function()
  it("fills paths", function()
    assert.equal("/a/b/c", request.fill_path("/a/:x/:y", { x = "b", y = "c" }))
    assert.has_error(function() request.fill_path("/a/:x", {}) end,
      "the path /a/:x needs params.x")
  end)

  it("writes a head", function()
    local head = request.head({
      path = "/p", query = { ["a b"] = "c&d", z = 1 }, tenant = "acme", tenant_header = "x-t",
      headers = { host = "other", Many = { "1", "2" }, upgrade = false },
    }, "token")
    assert.equal(table.concat({
      "GET /p?a%20b=c%26d&z=1 HTTP/1.1",
      "Connection: Upgrade",
      "Sec-WebSocket-Version: 13",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Authorization: Bearer token",
      "x-t: acme",
      "Many: 1",
      "Many: 2",
      "host: other",
      "", "",
    }, "\r\n"), head)
  end)

  it("reads an answer", function()
    assert.same(
      { status = 503, headers = { ["retry-after"] = "7", a = "b: c" }, body = "full\r\n" },
      request.read_answer("HTTP/1.1 503 No\r\nRetry-After: 7\r\nA: b: c\r\n\r\nfull\r\n"))
  end)
end)

describe("kit log_lines", function()
  it("reads level, process, module, fields and message", function()
    local line = log_lines.read(
      'warn worker-2 chat a=1 b="x y \\"z\\" \\\\ \\x0a\\\\x41" "it said"')
    assert.equal("warn", line.level)
    assert.equal("worker-2", line.process)
    assert.equal("chat", line.module)
    assert.equal("it said", line.message)
    assert.same({ a = "1", b = 'x y "z" \\ \n\\x41' }, line.fields)
  end)

  it("reads a line without fields, and one that is none", function()
    assert.equal("done", log_lines.read('info worker-1 hub "done"').message)
    assert.equal("what is this", log_lines.read("what is this").message)
    assert.equal("error", log_lines.read("what is this").level)
  end)
end)
