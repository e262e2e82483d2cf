-- SPDX-License-Identifier: MIT
-- The product's Lua may use LuaJIT's globals, a gateway only what its environment holds.

local text = { "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match", "rep",
  "reverse", "sub", "upper" }

local function fields(names)
  local result = {}
  for _, name in ipairs(names) do
    result[name] = {}
  end
  return { fields = result }
end

stds.gateway = {
  read_globals = {
    "assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "print", "rawequal",
    "rawget", "rawset", "require", "select", "setmetatable", "tonumber", "tostring", "type",
    "unpack", "xpcall", "_VERSION", "math", "table", "bit", "coroutine",
    string = fields(text),
    os = fields { "time", "clock", "date", "difftime" },
  },
}

std = "luajit"
max_line_length = 100
cache = false
files["**/gateways/*/*.lua"] = { std = "gateway" }
files["**/gateways/*/lib/**/*.lua"] = { std = "gateway" }
-- They try names that are not there, and what no author should write.
files["tests/conformance/escapes/*.lua"] = { std = "gateway", ignore = { "1", "2", "3", "5" } }
files["**/*_spec.lua"] = { std = "luajit+busted" }
files["tests/spec/kit/runs/*.lua"] = { std = "luajit+busted" }
files["**/.luacheckrc"] = { std = "luacheckrc" }
exclude_files = { "build", "lua/meta" }
