-- SPDX-License-Identifier: MIT
-- Runs busted again, as its own process, on specs that must fail.

local function run(file)
  local words = { "luajit", "busted", "--lpath='" .. package.path .. "'",
    "--cpath='" .. package.cpath .. "'", "--output=TAP", file, "2>&1" }
  words[2] = "/usr/bin/busted"
  local pipe = assert(io.popen(table.concat(words, " ")))
  local text = pipe:read("*a")
  pipe:close()
  return text
end

describe("kit spec_run", function()
  local text, each_text

  setup(function()
    each_text = run("tests/spec/kit/runs/loads_before_each.lua")
    text = run("tests/spec/kit/runs/leaves_an_error.lua")
  end)

  local function has(wanted, where)
    where = where or text
    assert.truthy(where:find(wanted, 1, true), wanted .. " is not in:\n" .. where)
  end

  it("looks at the first test of a run as at any other", function()
    has("not ok 1 - first fails: unexpected in the first test", each_text)
    has("left by the first", each_text)
    has("ok 2 - first passes: after the first", each_text)
    assert.falsy(each_text:find("not ok 2", 1, true))
  end)

  it("stops what a before_each has loaded with the test that it ran for", function()
    has("not ok 3 - before each fails: in an app of a before_each", each_text)
    has("logs afterwards: 1", each_text)
    has("ok 4 - before each passes: the app of the test before was stopped", each_text)
    assert.falsy(each_text:find("not ok 4", 1, true))
    has("passes: after a before_each that failed", each_text)
    assert.falsy(each_text:find("not ok %d+ [^\n]*passes: "), each_text)
  end)

  it("fails a spec that leaves an unexpected error behind", function()
    has("not ok 1 - run fails: unexpected")
    has("left behind")
    has("errors behind that the spec does not expect")
  end)

  it("lets expected errors pass", function()
    has("ok 2 - run passes: expected")
    assert.falsy(text:find("not ok 2", 1, true))
  end)

  it("looks at apps that live longer than a spec, after each", function()
    has("not ok 3 - run fails: shared")
    has("in the shared app")
    has("ok 4 - run passes: shared, later")
    assert.falsy(text:find("not ok 4", 1, true))
  end)

  it("leaves finally to the spec", function()
    has("its own finally ran")
    has("not ok 5 - run fails: with a finally of its own")
    has("behind finally")
  end)

  it("shows in a failed assertion what was received instead", function()
    has("not ok 6")
    has('received instead:')
    has('"something else"')
  end)
end)
