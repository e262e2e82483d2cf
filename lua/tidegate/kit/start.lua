-- SPDX-License-Identifier: MIT
-- From a folder and options to an app that runs.

local core = require "tidegate.kit.core"
local coverage = require "tidegate.kit.coverage"
local kernel = require "tidegate.kit.kernel"
local settings = require "tidegate.kit.settings"

local start = {}

-- Every app begins at the same moment: 2026-01-01T00:00:00Z.
local START_MS = 1767225600000
local SEED = 1
local SECRET = "a secret that only the kit knows, long enough"
local OPTIONS = { workers = true, limits = true, tenants = true, clock = true, seed = true,
  config = true }

-- The options as a table of the shape of tidegate.lua. Unless they bring keys of their own, tokens
-- are verified with the kit's.
local function config_of(options)
  local config = {}
  for name, value in pairs(options.config or {}) do
    config[name] = value
  end
  config.workers = options.workers or config.workers
  config.limits = options.limits or config.limits
  config.auth = {}
  for name, value in pairs(options.config and options.config.auth or {}) do
    config.auth[name] = value
  end
  if not config.auth.keys and not config.auth.jwks then
    config.auth.keys = { { secret = SECRET } }
  end
  return config
end

local function is_file(path)
  local file = io.open(path)
  if file then
    file:close()
  end
  return file ~= nil
end

-- The gateway's folder that a spec file stands in: the nearest one above it.
function start.folder_of(spec)
  local folder = spec:match("^@(.*)$") or ""
  repeat
    folder = folder:match("^(.*)/[^/]*$") or (folder ~= "." and ".")
    if folder and is_file((folder == "" and "/" or folder) .. "/gateway.lua") then
      return folder
    end
  until not folder
  error("kit.load without a folder: the spec file stands in no gateway's folder", 0)
end

-- The folder itself, or the gateways that stand in it.
local function folders_in(folder)
  if is_file(folder .. "/gateway.lua") then
    return { folder }
  end
  return kernel.must(core.folders(folder))
end

local function load_all(made, folder, tenants)
  if tenants then
    kernel.must(made:set_tenants(settings.tenant_lines(tenants)))
  end
  for _, each in ipairs(folders_in(folder)) do
    kernel.must(made:load(each))
  end
end

-- The fields of an app.
function start.run(folder, options)
  for name in pairs(options) do
    if not OPTIONS[name] then
      error("kit.load has no option " .. tostring(name), 0)
    end
  end
  local config = config_of(options)
  local seed = options.seed or SEED
  if type(seed) ~= "number" or seed % 1 ~= 0 or math.abs(seed) > 2 ^ 53 then
    error("seed: expected a whole number", 0)
  end
  local made = kernel.must(core.start(settings.flatten(config), seed, options.clock or START_MS,
    coverage.is_wanted()))
  local ok, why = pcall(load_all, made, folder, options.tenants)
  if not ok then
    made:stop()
    error(why, 0)
  end
  local key = config.auth.keys and config.auth.keys[1]
  return {
    core = made,
    seed = seed,
    workers = tonumber(config.workers) or 1, -- "auto" is one
    gateways = made:gateways(),
    secret = key and key.secret,
    tenant_header = config.tenants and config.tenants.header or "x-tenant-id",
    clients = {},
    lines = {},
    revoked = {},
    next_worker = 1,
  }
end

return start
