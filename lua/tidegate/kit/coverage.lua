-- SPDX-License-Identifier: MIT
-- Line coverage of the gateways' files: what has run, as the gateways' states counted it, against
-- the lines that LuaJIT made code for. A table for people, LCOV for tools.

local core = require "tidegate.kit.core"
local util = require "jit.util"

local coverage = {}

-- One for all files of the run, as the core's table is.
local state = core.coverage or { runs = {}, path = os.getenv "TIDEGATE_COVERAGE" }
core.coverage = state

function coverage.is_wanted()
  return state.path ~= nil
end

-- counts: { file, line, times, file, line, times, ... }
function coverage.add(counts)
  for index = 1, #counts, 3 do
    local file, line, times = counts[index], counts[index + 1], counts[index + 2]
    local lines = state.runs[file] or {}
    state.runs[file] = lines
    lines[line] = (lines[line] or 0) + times
  end
end

-- The lines of a function, and of those defined in it, that can run. pc 0 is its header.
local function mark(fn, lines)
  for pc = 1, util.funcinfo(fn).bytecodes - 1 do
    local line = util.funcinfo(fn, pc).currentline
    if line and line > 0 then
      lines[line] = true
    end
  end
  local index = -1
  local constant = util.funck(fn, index)
  while constant ~= nil do
    if type(constant) == "proto" then
      mark(constant, lines)
    end
    index = index - 1
    constant = util.funck(fn, index)
  end
end

-- Line numbers in order, of those that can run.
local function lines_of(file)
  local fn = loadfile(file)
  if not fn then
    return nil -- gone since it ran
  end
  local marked, lines = {}, {}
  mark(fn, marked)
  for line in pairs(marked) do
    lines[#lines + 1] = line
  end
  table.sort(lines)
  return lines
end

-- "3-5 9" of { 3, 4, 5, 9 }, as far apart as the lines that can run between them are.
local function ranges(missed)
  local texts, first, last = {}, nil, nil
  for _, each in ipairs(missed) do
    if last and each.place == last.place + 1 then
      last = each
      texts[#texts] = first.line .. "-" .. last.line
    else
      first, last = each, each
      texts[#texts + 1] = tostring(first.line)
    end
  end
  return table.concat(texts, " ")
end

local function report_of(file)
  local lines = lines_of(file)
  if not lines then
    return nil
  end
  local report = { file = file, lines = lines, times = {}, hit = 0, missed = {} }
  for place, line in ipairs(lines) do
    local times = state.runs[file][line] or 0
    report.times[place] = times
    if times > 0 then
      report.hit = report.hit + 1
    else
      report.missed[#report.missed + 1] = { line = line, place = place }
    end
  end
  return report
end

local function reports()
  local list = {}
  for file in pairs(state.runs) do
    list[#list + 1] = report_of(file)
  end
  table.sort(list, function(one, other)
    return one.file < other.file
  end)
  return list
end

local function percent(hit, all)
  return all == 0 and 100 or 100 * hit / all
end

-- For people: file, how much of it ran, and the lines that did not.
function coverage.text()
  local rows, hit, all, width = {}, 0, 0, 5
  for _, report in ipairs(reports()) do
    hit, all = hit + report.hit, all + #report.lines
    width = math.max(width, #report.file)
    rows[#rows + 1] = report
  end
  local texts = { ("%-" .. width .. "s  lines    run  missed"):format("file") }
  for _, report in ipairs(rows) do
    texts[#texts + 1] = ("%-" .. width .. "s  %5d %5.1f%%  %s"):format(report.file, #report.lines,
      percent(report.hit, #report.lines), ranges(report.missed))
  end
  texts[#texts + 1] = ("%-" .. width .. "s  %5d %5.1f%%"):format("all", all, percent(hit, all))
  return (table.concat(texts, "\n"):gsub(" +\n", "\n")) .. "\n"
end

-- The tracefile format of geninfo(1).
function coverage.lcov()
  local texts = {}
  for _, report in ipairs(reports()) do
    texts[#texts + 1] = "TN:\nSF:" .. report.file
    for place, line in ipairs(report.lines) do
      texts[#texts + 1] = ("DA:%d,%d"):format(line, report.times[place])
    end
    texts[#texts + 1] = ("LF:%d\nLH:%d\nend_of_record"):format(#report.lines, report.hit)
  end
  return table.concat(texts, "\n") .. "\n"
end

-- Writes the LCOV file, and the table where it spoils no machine's output.
function coverage.write()
  local file, why = io.open(state.path, "w")
  if not file then
    io.stderr:write("coverage can't be written: ", why, "\n") -- the report of errors is out already
    error(why, 0)
  end
  file:write(coverage.lcov())
  file:close()
  io.stderr:write("\n", coverage.text())
end

return coverage
