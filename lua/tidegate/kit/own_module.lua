-- SPDX-License-Identifier: MIT
-- Loads a gateway's own file into the spec's state, where require sees the gateway's folder, as in
-- the gateway, and the modules of tidegate that need no server: json, log, now and random. Whatever
-- else is asked of them raises by its name.

local core = require "tidegate.kit.core"
local spec_run = require "tidegate.kit.spec_run"

local own_module = {}

local function refuse(owner)
  return function(_, name)
    error(owner .. "." .. tostring(name) .. " needs a server: load the gateway with kit.load", 2)
  end
end

local function module(owner, fields)
  return setmetatable(fields, { __index = refuse(owner) })
end

-- As the gateway's: nil and why for what is no JSON; raises for what JSON can't express.
local json = module("tide.json", {
  null = core.null,
  array = core.array,
  decode = core.decode,
  raw = function(text)
    local marked, why
    if type(text) == "string" then
      marked, why = core.raw(text)
    else
      why = "string expected, got " .. type(text)
    end
    if not marked then
      error("bad argument #1 to 'raw' (" .. why .. ")", 2)
    end
    return marked
  end,
  encode = function(value)
    local text, why = core.encode(value)
    if not text then
      error(why, 2)
    end
    return text
  end,
})

-- The lines go nowhere; arguments are looked at as the gateway's log does.
local function log(message, fields)
  if type(message) ~= "string" or (fields ~= nil and type(fields) ~= "table") then
    error("a message and perhaps a table of fields are wanted", 2)
  end
end

local modules = { ["tidegate.json"] = json }
modules["tidegate.log"] = module("tide.log", { debug = log, info = log, warn = log, error = log })
modules.tidegate = module("tide", {
  json = json,
  log = modules["tidegate.log"],
  now = function()
    return spec_run.now()
  end,
  random = math.random,
})

local function read(path)
  local file = io.open(path)
  local text = file and file:read("*a")
  if file then
    file:close()
  end
  return text
end

local function loader(folder)
  local loaded = {}
  local function require_own(name)
    if modules[name] then
      return modules[name]
    end
    if loaded[name] == nil then
      if not name:find("^[%l%d_]+[%l%d_.]*$") or name:find("..", 1, true) then
        error("module '" .. name .. "': not a name of a file of the gateway", 2)
      end
      local path = folder .. "/" .. name:gsub("%.", "/") .. ".lua"
      local text = read(path)
      if not text then
        error("module '" .. name .. "': there is no " .. path, 2)
      end
      local chunk = assert(loadstring(text, "@" .. path))
      setfenv(chunk, setmetatable({ require = require_own }, { __index = _G }))
      local value = chunk(name)
      loaded[name] = value == nil and true or value
    end
    return loaded[name]
  end
  return require_own
end

-- The module called name ("lib.rooms") of the gateway in folder. Each call loads it anew.
function own_module.load(folder, name)
  return loader(folder)(name)
end

return own_module
