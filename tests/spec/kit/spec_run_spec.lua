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
  local text

  setup(function()
    text = run("tests/spec/kit/runs/leaves_an_error.lua")
  end)

  local function has(wanted)
    assert.truthy(text:find(wanted, 1, true), wanted .. " is not in:\n" .. text)
  end

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
