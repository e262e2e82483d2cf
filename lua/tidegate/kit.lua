-- SPDX-License-Identifier: MIT
-- The test kit: gateways run by the product's own hub and scripts, in this process, without a
-- socket, a port or a wait. docs/testing.md is its manual, lua/meta/kit.lua its stubs.

if not jit then
  error('the kit needs LuaJIT: run busted with --lua=luajit, or with lua = "luajit" in .busted')
end

local app = require "tidegate.kit.app"
local core = require "tidegate.kit.core"
local own_module = require "tidegate.kit.own_module"

local kit = {
  null = core.null, -- JSON's null inside of data
}

-- Loads the gateway in folder, or all that stand in it, and gives the app that serves them.
function kit.load(folder, options)
  local ok, loaded = pcall(app.start, folder, options or {})
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

-- Marks the table, so that it is [] when it is empty; an empty table is {} otherwise.
function kit.array(values)
  return core.array(values)
end

return kit
