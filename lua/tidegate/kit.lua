-- SPDX-License-Identifier: MIT
-- The test kit: gateways run by the product's own hub and scripts, in this process, without a
-- socket, a port or a wait. docs/testing.md is its manual, lua/meta/kit.lua its stubs.

if not jit then
  error('the kit needs LuaJIT: run busted with --lua=luajit, or with lua = "luajit" in .busted')
end

local app = require "tidegate.kit.app"
local core = require "tidegate.kit.core"
local live = require "tidegate.kit.live"
local own_module = require "tidegate.kit.own_module"
local start = require "tidegate.kit.start"

local kit = {
  null = core.null, -- JSON's null inside of data
}

-- Loads the gateway in folder, or all that stand in it, and gives the app that serves them. Without
-- a folder it is the one that the spec file stands in. When TIDEGATE_LIVE names a running server,
-- the specs run against that one.
function kit.load(folder, options)
  local url = os.getenv "TIDEGATE_LIVE"
  local ok, loaded = pcall(function(spec)
    folder = folder or start.folder_of(spec)
    if url then
      return live.load(folder, options or {}, url)
    end
    return app.start(folder, options or {})
  end, debug.getinfo(2, "S").source)
  if not ok then
    error(loaded, 2)
  end
  return loaded
end

-- A module of the gateway's own, for specs of what needs no server: kit.require("gateways/chat",
-- "lib.rooms"). Of tidegate it sees json, log, now and random.
function kit.require(folder, name)
  return own_module.load(folder, name)
end

-- An app over the running server at url, for what real sockets can do.
function kit.live(url, options)
  local ok, made = pcall(live.start, url, options or {})
  if not ok then
    error(made, 2)
  end
  return made
end

-- Marks the table, so that it is [] when it is empty; an empty table is {} otherwise.
function kit.array(values)
  return core.array(values)
end

return kit
