-- SPDX-License-Identifier: MIT
-- The apps that are open in this run. Under busted each test that leaves an unexpected error behind
-- fails, and what it and its before_each have loaded is stopped at its end; what a setup has
-- loaded, at its file's end.

local core = require "tidegate.kit.core"
local coverage = require "tidegate.kit.coverage"
local report = require "tidegate.kit.report"

local spec_run = {}

-- Kept in the core's table, which is one for all files: busted gives each a package.loaded of its
-- own.
local state = core.spec_run or { open = {}, is_hooked = false, coming = {} }
core.spec_run = state

-- What of a spec runs now: busted tells nobody, but what it exports holds its context.
local function running_element(busted)
  for index = 1, 10 do
    local name, value = debug.getupvalue(busted.before_each, index)
    if name == "busted" then
      return value.context.get()
    end
  end
end

-- Stops those that keep says no to. Every one is looked at before the first complaint is raised.
local function finish(keep, is_failed)
  local open, complaint = {}, nil
  for _, app in ipairs(state.open) do
    complaint = complaint or not is_failed and report.complaint(app) or nil
    if keep(app) then
      open[#open + 1] = app
    else
      report.close(app)
    end
  end
  state.open = open
  if complaint then
    error(complaint, 0)
  end
end

local function end_test()
  local test = state.test
  state.test = nil
  finish(function(app)
    return app.owner ~= test
  end)
end

-- A test has begun: its finally is what runs after it and can still fail it.
local function on_test(element)
  state.test = element
  for _, app in ipairs(state.open) do
    if app.owner == state.coming then
      app.owner = element
    end
  end
  local set = element.env.finally
  local finally
  set(function()
    local ok, err = true, nil
    if finally then
      ok, err = pcall(finally)
    end
    end_test()
    if not ok then
      error(err, 0)
    end
  end)
  element.env.finally = function(fn)
    finally = fn
  end
end

local function hook()
  local busted = package.loaded.busted
  if state.is_hooked or type(busted) ~= "table" or not busted.subscribe then
    return
  end
  state.is_hooked = true
  busted.subscribe({ "test", "start" }, function(element)
    if element.env and element.env.finally then
      on_test(element)
    end
    return nil, true
  end)
  busted.subscribe({ "error", "before_each" }, function()
    finish(function(app)
      return app.owner ~= state.coming
    end, true)
    return nil, true
  end)
  busted.subscribe({ "file", "end" }, function()
    finish(function()
      return false
    end)
    return nil, true
  end)
  if coverage.is_wanted() then
    busted.subscribe({ "suite", "end" }, function()
      coverage.write()
      return nil, true
    end)
  end
end

-- Ends the test that runs as pending. Returns where there is none.
function spec_run.give_up(why)
  local test = state.test
  if test and test.env and test.env.pending then
    test.env.pending(why)
  end
end

function spec_run.add(app)
  hook()
  local element = state.is_hooked and running_element(package.loaded.busted)
  -- A before_each runs before its test is said to begin.
  app.owner = element and element.descriptor == "before_each" and state.coming or state.test
  state.open[#state.open + 1] = app
end

-- What time it is by the app that was loaded last, else by the wall.
function spec_run.now()
  local app = state.open[#state.open]
  return app and app.core and app.core:now() or os.time() * 1000
end

function spec_run.remove(app)
  for index, each in ipairs(state.open) do
    if each == app then
      table.remove(state.open, index)
      return
    end
  end
end

hook() -- at once, so that the first test of a run is seen to begin

return spec_run
