-- SPDX-License-Identifier: MIT
-- A running server, driven by real sockets as if it were an app of the kit. What only the kit can
-- do (the clock, faults, logs) makes a spec pending, by name: the same file runs both ways.

local core = require "tidegate.kit.core"
local live_client = require "tidegate.kit.live_client"
local request = require "tidegate.kit.request"
local spec_run = require "tidegate.kit.spec_run"
local start = require "tidegate.kit.start"

local TOKEN_SECONDS = 3600
local OPTIONS = { secret = true, path = true, patience_ms = true, tenant_header = true }
local ANYWHERE = { seed = true, workers = true } -- a server has workers and luck of its own
local PATIENCE_MS = 400

local live = {}
local app = {}

-- Makes the test that runs busted's pending, so that the report says which and why.
local function only_on_the_kit(name)
  spec_run.give_up("needs the kit: " .. name)
  error("only the kit can do " .. name .. ", a running server can't", 3)
end
live.only_on_the_kit = only_on_the_kit

local app_mt = {
  __index = function(_, name)
    return app[name] or function()
      only_on_the_kit("app:" .. tostring(name))
    end
  end,
}

---@param url string "ws://127.0.0.1:8080" or "wss://..."
---@param options? kit.live_options
---@return kit.app
function live.start(url, options)
  options = options or {}
  for name in pairs(options) do
    if not OPTIONS[name] then
      error("kit.live has no option " .. tostring(name), 0)
    end
  end
  if type(url) ~= "string" or not url:match("^wss?://[^/]+/?$") then
    error("kit.live expects a URL such as \"ws://127.0.0.1:8080\", without a path", 0)
  end
  local self = setmetatable({
    url = url:gsub("/$", ""),
    secret = options.secret or false,
    path = options.path or false,
    tenant_header = options.tenant_header or "x-tenant-id",
    patience = (options.patience_ms or PATIENCE_MS) / 1000,
    clients = {},
    core = false,
    owner = false,
    is_live = true,
  }, app_mt)
  spec_run.add(self)
  return self
end

-- What kit.load gives when the specs are to run against a server: its app, with the path of the
-- gateway in the folder.
function live.load(folder, options, url)
  for name in pairs(options) do
    if not ANYWHERE[name] then
      only_on_the_kit("kit.load with " .. tostring(name))
    end
  end
  local here = start.run(folder, {})
  local gateways = here.gateways
  here.core:stop()
  return live.start(url, {
    secret = os.getenv "TIDEGATE_LIVE_SECRET",
    path = #gateways == 1 and gateways[1].path or nil,
  })
end

local function token_of(self, options)
  if options.token or not options.claims then
    return options.token
  end
  if not self.secret then
    error("claims can't be signed: kit.live was given no secret", 0)
  end
  local claims = { exp = os.time() + TOKEN_SECONDS, tenant = options.tenant }
  for name, value in pairs(options.claims) do
    claims[name] = value
  end
  for name, value in pairs(claims) do
    if value == false then
      claims[name] = nil
    end
  end
  return assert(core.mint(self.secret, assert(core.encode(claims))))
end

local function target_of(self, options)
  local path = options.path or self.path
  if not path then
    error("connect needs a path, or kit.live one for all", 0)
  end
  return request.target(request.fill_path(path, options.params), options.query)
end

-- Header fields that lua-http does not write itself.
local function headers_of(self, options)
  local headers = {}
  local token = token_of(self, options)
  if token then
    headers[#headers + 1] = { "authorization", "Bearer " .. token }
  end
  if options.tenant then
    headers[#headers + 1] = { self.tenant_header, options.tenant }
  end
  request.replace(headers, options.headers or {})
  for _, field in ipairs(headers) do
    field[1] = field[1]:lower()
  end
  return headers
end

---A client, or nil and the refusal: { status, headers, body }.
---@param options? kit.connect
function app:connect(options)
  options = options or {}
  for _, name in ipairs { "address", "silent", "secure" } do
    if options[name] ~= nil then
      only_on_the_kit("connect with " .. name)
    end
  end
  local ok, target = pcall(target_of, self, options)
  if not ok then
    error(target, 2)
  end
  local client, refusal = live_client.connect {
    url = self.url .. target,
    headers = headers_of(self, options),
    subprotocols = options.subprotocols,
    patience = self.patience,
  }
  if client then
    self.clients[#self.clients + 1] = client
  end
  return client, refusal
end

---Reads what comes to any client until nothing has come for a while.
function app:settle()
  for _, client in ipairs(self.clients) do
    client:pump(self.patience / 4)
  end
end

---Milliseconds since 1970, by this machine's clock.
function app.now()
  return os.time() * 1000
end

-- Every client closes.
function app:leave()
  for _, client in ipairs(self.clients) do
    client:close()
  end
  self.clients = {}
end

function app:stop()
  spec_run.remove(self)
  self:leave()
end

return live
