-- SPDX-License-Identifier: MIT
-- What an app has logged, and which of its errors a spec has not expected.

local coverage = require "tidegate.kit.coverage"
local kernel = require "tidegate.kit.kernel"
local log_lines = require "tidegate.kit.log_lines"

local report = {}

-- All lines so far; those of an app that was stopped stay.
function report.read(app)
  if app.core then
    local text, lost = app.core:take_logs()
    for line in text:gmatch("([^\n]*)\n") do
      app.lines[#app.lines + 1] = log_lines.read(line)
    end
    if lost > 0 then
      error("too much was logged: " .. lost .. " lines are lost", 0)
    end
  end
  return app.lines
end

-- Those whose fields are as in filter.
function report.select(app, filter)
  local found = {}
  for _, line in ipairs(report.read(app)) do
    local fits = true
    for name, value in pairs(filter) do
      fits = fits and line[name] == value
    end
    if fits then
      found[#found + 1] = line
    end
  end
  return found
end

local function unexpected(app)
  local texts = {}
  for _, line in ipairs(report.read(app)) do
    if line.level == "error" and not line.is_expected then
      texts[#texts + 1] = "  " .. line.line
    end
  end
  return texts
end

-- Marks the errors that have the text as expected and gives the first; or nil and what there is
-- instead.
function report.expect(app, text)
  local first
  for _, line in ipairs(report.read(app)) do
    if line.level == "error" and line.line:find(text, 1, true) then
      line.is_expected = true
      first = first or line
    end
  end
  if first then
    return first
  end
  local others = unexpected(app)
  return nil, ('no error with the text "%s" was logged; '):format(text)
    .. (#others == 0 and "there are no errors" or "errors are:\n" .. table.concat(others, "\n"))
end

-- What the spec has left behind that it must not: nil, or a text. Told once.
function report.complaint(app)
  if not app.core then
    return nil
  end
  local ok, why = pcall(kernel.settle, app)
  if not ok then
    return why
  end
  local texts = unexpected(app)
  if #texts == 0 then
    return nil
  end
  for _, line in ipairs(app.lines) do
    line.is_expected = true
  end
  return "the gateway left errors behind that the spec does not expect:\n"
    .. table.concat(texts, "\n")
end

-- Ends the app; what it has logged can still be read. On a running server its clients leave.
function report.close(app)
  if app.is_live then
    app:leave()
  end
  if app.core then
    report.read(app)
    if coverage.is_wanted() then
      coverage.add(app.core:coverage())
    end
    app.core:stop()
    app.core = nil
  end
end

return report
