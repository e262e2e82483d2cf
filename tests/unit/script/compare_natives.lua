-- SPDX-License-Identifier: MIT
-- Calls LuaJIT's functions and ours with the same random arguments: results and error texts are the
-- same. The seed is fixed, and said by what fails.
local ours = rawget(_G, "ours")
local SEED = 20220320
local ROUNDS = 6000

math.randomseed(SEED)

local function shown(...)
  local parts = {}
  for i = 1, select("#", ...) do
    local value = select(i, ...)
    parts[i] = type(value) == "string" and string.format("%q", value) or tostring(value)
  end
  return table.concat(parts, ", ")
end

local function compare(library, name, ...)
  local expected = shown(pcall(_G[library][name], ...))
  local got = shown(pcall(ours[library][name], ...))
  if expected ~= got then
    error(string.format("seed %d: %s.%s(%s)\n  expected %s\n  got      %s", SEED, library, name,
      shown(...), expected, got), 0)
  end
end

local function one_of(list)
  return list[math.random(#list)]
end

local function text_of(pieces, most)
  local parts = {}
  for i = 1, math.random(0, most) do
    parts[i] = one_of(pieces)
  end
  return table.concat(parts)
end

local OCTETS = { "a", "b", "B", "1", "(", ")", " ", "_", "\0", "\n", "\127", "\200", "-", "]", "%" }
local PIECES = { "a", "b", "1", ".", "%a", "%A", "%d", "%s", "%w", "%W", "%p", "%c", "%x", "%u",
  "%l", "%g", "%z", "%Z", "%-", "%%", "[ab]", "[^a]", "[a-c]", "[%w_]", "[^%s]", "[]]", "[^]]",
  "[a-]", "[%a-z]", "[\1-\255]", "%b()", "%bab", "%f[%a]", "%f[^%z]", "(", ")", "()", "(a)",
  "(.-)", "*", "+", "-", "?", "%1", "%2", "%0", "$", "^", "[", "%", "%b", "%f", "\0", " " }
local TEMPLATES = { "x", "%0", "%1", "%2", "%%", "%", "<%1>", "%a", "\0", "" }
local NUMBERS = { 0, 1, 2, -1, -2, 1.5, -1.5, 3, 1000, -1000, "2", 0 / 0 }

local answers = {
  function(a) return a end,
  function() end,
  function() return false end,
  function(_, b) return b and tostring(b) or 7 end,
  function() return {} end,
  function() return true end,
  function() error("no") end,
}

local POSITIONS = { 0, 1, 2, 3, -1, -2, 5, 12, 13, -12, -13, 1e9, -1e9, 1.5, -1.5 }

-- By the manual: LuaJIT's own now and then finds something where the end is before the start.
local function sub_of(text, first, last)
  local parts = {}
  first = first < 0 and math.ceil(first) + #text + 1 or math.floor(first)
  last = last < 0 and math.ceil(last) + #text + 1 or math.floor(last)
  for i = math.max(first, 1), math.min(last, #text) do
    parts[#parts + 1] = text:byte(i)
  end
  return string.char(unpack(parts))
end

for _ = 1, ROUNDS do
  local subject = text_of(OCTETS, 12)
  local first, last = one_of(POSITIONS), one_of(POSITIONS)
  assert(ours.string.sub(subject, first, last) == sub_of(subject, first, last))
  compare("string", "sub", subject, first)
  for _, name in ipairs { "lower", "upper", "reverse" } do
    compare("string", name, subject)
  end
  compare("string", "char", math.random(-2, 257), math.random(0, 255))
end
for _, name in ipairs { "sub", "lower", "upper", "reverse", "char" } do
  compare("string", name)
  compare("string", name, {})
  compare("string", name, 65, 66.7, "67")
  compare("string", name, "Az", {})
  compare("string", name, "Az", 1, {})
end

for _ = 1, ROUNDS do
  local subject = text_of(OCTETS, 12)
  local pattern = text_of(PIECES, 6)
  if math.random(4) == 1 then
    pattern = "^" .. pattern
  end
  compare("string", "find", subject, pattern)
  compare("string", "find", subject, pattern, one_of(NUMBERS), math.random(2) == 1)
  compare("string", "find", subject, text_of(OCTETS, 2), one_of(NUMBERS))
  compare("string", "match", subject, pattern)
  compare("string", "match", subject, pattern, one_of(NUMBERS))
  compare("string", "gsub", subject, pattern, text_of(TEMPLATES, 3))
  compare("string", "gsub", subject, pattern, text_of(TEMPLATES, 2), one_of(NUMBERS))
  compare("string", "gsub", subject, pattern, one_of(answers))
  compare("string", "gsub", subject, pattern, { a = "A", b = false, [1] = 2 })
  compare("string", "rep", subject, math.random(-1, 40))
  compare("string", "rep", subject, one_of { 1, 2, 2.5, -3, "3" }, text_of(OCTETS, 2))
end

-- gmatch: all matches of both, or the error that ended them.
local function matches(gmatch, subject, pattern)
  local all = {}
  local ok, err = pcall(function()
    for a, b, c in gmatch(subject, pattern) do
      all[#all + 1] = shown(a, b, c)
    end
  end)
  return table.concat(all, ";") .. "|" .. tostring(ok) .. tostring(err):gsub("^.-:%d+: ", "")
end

for _ = 1, ROUNDS do
  local subject, pattern = text_of(OCTETS, 12), text_of(PIECES, 5)
  local expected = matches(string.gmatch, subject, pattern)
  local got = matches(ours.string.gmatch, subject, pattern)
  if expected ~= got then
    error(string.format("seed %d: gmatch(%q, %q)\n  expected %s\n  got      %s", SEED, subject,
      pattern, expected, got), 0)
  end
end

-- Arguments of the wrong kind.
for _, name in ipairs { "find", "match", "gsub", "gmatch", "rep", "format" } do
  compare("string", name)
  compare("string", name, nil)
  compare("string", name, {}, "a")
  compare("string", name, "a", {})
  compare("string", name, "a", {}, "b")
  compare("string", name, 1, nil)
end
compare("string", "find", 1234, 23)
compare("string", "find", "a", "a", {})
compare("string", "find", "a", "a", "x")
compare("string", "match", 1234, "%d")
compare("string", "gsub", "a", "a")
compare("string", "gsub", "a", "a", true)
compare("string", "gsub", "a", "a", "b", "x")
compare("string", "gsub", "a1", 1, 2)
compare("string", "rep", "a", "x")
compare("string", "rep", "a", 1, {})
compare("string", "match", ("a"):rep(40), ("(a)"):rep(33))
compare("string", "match", ("a"):rep(300), ("a?"):rep(250) .. "b")

-- format: short ones, which go to the native whole, and long ones, which don't.
local SPECS = { "%d", "%5d", "%-5d", "%05d", "%+d", "% d", "%x", "%X", "%#x", "%o", "%u", "%i",
  "%c", "%e", "%.3f", "%10.2f", "%g", "%.14g", "%G", "%a", "%s", "%10s", "%-10s", "%.2s", "%q",
  "%%", "zap", "%99d", "%99.99f", "%y", "%", "%100d", "%5%", "%.s", "%5.1s" }
local VALUES = { 0, 1, -1, 65, 3.25, 1e15, -2 ^ 40, 1e300, 0 / 0, 1 / 0, "12", "0x10", "text",
  "", "a\0b", "q\"\\\n\r\0001\127", "\200\2002", ("long"):rep(40), nil, true, false }

for round = 1, ROUNDS do
  local format = text_of(SPECS, 4)
  if round % 3 == 0 then
    format = format .. ("%%"):rep(600) .. text_of(SPECS, 3)
  end
  local values = {}
  local count = math.random(0, 6)
  for i = 1, count do
    values[i] = VALUES[math.random(21)]
  end
  compare("string", "format", format, unpack(values, 1, count))
end

-- Every octet before every kind of octet, quoted by us because there is much of it.
local quoted = {}
for octet = 0, 255 do
  quoted[#quoted + 1] = string.char(octet) .. "1" .. string.char(octet) .. "a"
end
quoted = table.concat(quoted):rep(100)
assert(#quoted > 65536)
compare("string", "format", "%q", quoted)
compare("string", "format", "[%s]", quoted)
compare("string", "format", "[%10.5s]", quoted)

-- table.concat and insert.
-- Many, too: few are joined by the native itself.
local ELEMENTS = { "a", "", "bc", 1, 0, -0, -7, 2.5, 1e13, 1e14, 1e15, 99999999999999, 2 ^ 53,
  0 / 0, 1 / 0, 1e-5, ("x"):rep(300) }
for round = 1, ROUNDS do
  local list = {}
  for i = 1, math.random(0, round % 300 == 0 and 9000 or 8) do
    list[i] = ELEMENTS[math.random(#ELEMENTS)]
  end
  compare("table", "concat", list)
  compare("table", "concat", list, one_of { ",", "", 1, ", " })
  compare("table", "concat", list, ",", one_of(NUMBERS))
  compare("table", "concat", list, ",", one_of { 1, 2, 3 }, one_of { 1, 2, 5, 9, -1 })
end
compare("table", "concat")
compare("table", "concat", {}, {})
compare("table", "concat", { true })
compare("table", "concat", { 1, {} })
compare("table", "concat", {}, "", 2 ^ 31 - 1, 2 ^ 31 - 1)
local gap = {}
for i = 1, 5000 do
  gap[i] = i ~= 700 and i or nil
end
compare("table", "concat", gap, ",", 1, 5000)
gap[700] = true
compare("table", "concat", gap, ",", 1, 5000)
compare("table", "concat", { [2 ^ 31 - 1] = "a" }, "", 2 ^ 31 - 1, 2 ^ 31 - 1)

local function inserted(insert, ...)
  local list = { 1, 2, 3 }
  local result = shown(pcall(insert, list, ...))
  return result .. "|" .. shown(unpack(list, 1, 8)) .. "|" .. tostring(list[-1])
end
for _, arguments in ipairs { {}, { 9 }, { 1, 9 }, { 2, 9 }, { 4, 9 }, { 6, 9 }, { -1, 9 },
  { "2", 9 }, { {}, 9 }, { 1, 2, 3 } } do
  assert(inserted(table.insert, unpack(arguments)) == inserted(ours.table.insert,
    unpack(arguments)), shown(unpack(arguments)))
end
compare("table", "insert")
compare("table", "insert", nil, 1)

-- table.sort: the very same order, of equal elements too.
local orders = {
  function(a, b) return a.key < b.key end,
  function(a, b) return a.key > b.key end,
  function(a, b) return a.key % 3 < b.key % 3 end,
  function() return true end,
  function() return false end,
  function() return math.random(2) == 1 end,
  function(a, b) return a.key <= b.key end,
}
for round = 1, ROUNDS / 4 do
  local order = orders[round % #orders + 1]
  local first, second = {}, {}
  for i = 1, math.random(0, 60) do
    first[i] = { key = math.random(20), at = i }
    second[i] = first[i]
  end
  math.randomseed(round)
  local expected = shown(pcall(table.sort, first, order))
  math.randomseed(round)
  local got = shown(pcall(ours.table.sort, second, order))
  assert(expected == got, expected .. " " .. got)
  for i = 1, #first do
    assert(first[i] == second[i], round)
  end
end
compare("table", "sort")
compare("table", "sort", {}, 5)
compare("table", "sort", { 1, "a" })
compare("table", "sort", { {}, {} })
