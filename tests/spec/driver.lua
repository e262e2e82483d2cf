-- SPDX-License-Identifier: MIT
-- Runs a gateway's specs against the real server over real sockets: app = driver.load(folder)
-- starts it on a port of the kernel's choice, app:connect{} gives a client that speaks through
-- lua-http, app:stop() ends the server and says whether it had anything to complain about.
-- Every wait has a deadline; nothing sleeps to let something happen.

local cqueues = require "cqueues"
local process = require "process"
local token = require "token"
local client = require "client"

local PATIENCE = 10 -- seconds, for anything

local driver = {}
local app = {}
local app_mt = { __index = app }

local function log_of(self)
  local file = assert(io.open(self.log_path))
  local text = file:read("*a")
  file:close()
  return text
end

-- Calls is_done until it returns something true, and returns that.
local function await(self, what, is_done)
  local deadline = cqueues.monotime() + PATIENCE
  repeat
    local result = is_done()
    if result then
      return result
    end
    cqueues.sleep(0.01)
  until cqueues.monotime() > deadline
  error(what .. " took over " .. PATIENCE .. " s; the log:\n" .. log_of(self), 3)
end

-- Serves the one gateway in folder. flags: { ["--ping-interval"] = "0" }.
function driver.load(folder, flags)
  local parent = process.folder_with(folder)
  local self = setmetatable({ clients = {}, parent = parent, log_path = parent .. "/log" }, app_mt)
  local arguments = { "serve", "--gateways", parent .. "/gateways", "--listen", "127.0.0.1:0",
    "--admin", "off", "--drain-deadline", "2s", "--workers", "1" }
  for flag, value in pairs(flags or {}) do
    arguments[#arguments + 1] = flag
    arguments[#arguments + 1] = value
  end
  local server = os.getenv("TIDEGATE") or "build/release/tidegate"
  self.server = process.start(server, arguments, self.log_path,
    { TIDEGATE_AUTH_SECRET = token.SECRET })
  self.port = await(self, "the start", function()
    assert(not process.has_ended(self.server), "the server ended at its start:\n" .. log_of(self))
    return log_of(self):match('listen="?127%.0%.0%.1:(%d+)[^\n]*"ready"')
  end)
  return self
end

-- options: path, and perhaps claims, tenant, headers.
-- A client, or nil and why when the handshake was refused.
function app:connect(options)
  local headers = {}
  for name, value in pairs(options.headers or {}) do
    headers[name] = value
  end
  if options.claims then
    headers["authorization"] = "Bearer " .. token.mint(options.claims, options.tenant)
  end
  if options.tenant then
    headers["x-tenant-id"] = options.tenant
  end
  local url = "ws://127.0.0.1:" .. self.port .. options.path
  local new, why = client.connect(url, headers, self, PATIENCE)
  if new then
    self.clients[#self.clients + 1] = new
  end
  return new, why
end

-- Returns when the server has handled all that the clients had sent, and the clients hold all that
-- this made it send: each client in turn asks something and reads up to the answer. The second
-- round is for what the first one's messages made others receive.
function app:settle()
  for _ = 1, 2 do
    for _, each in ipairs(self.clients) do
      each:fence()
    end
  end
end

-- Every client closes; the next to connect finds the server empty of them.
function app:leave_all()
  for _, each in ipairs(self.clients) do
    each:close()
  end
  self.clients = {}
end

-- Ends the server. Raises when it did not leave with success, or wrote an error into its log.
function app:stop()
  self:leave_all()
  process.signal(self.server, "TERM")
  local function has_ended()
    return process.has_ended(self.server)
  end
  if not pcall(await, self, "the end", has_ended) then
    process.signal(self.server, "KILL")
    await(self, "the end by force", has_ended)
  end
  local log = log_of(self)
  process.remove_folder(self.parent)
  assert(self.server.status == 0, "it ended with " .. self.server.status .. ", the log:\n" .. log)
  assert(not log:find("Z error "), "the server logged an error:\n" .. log)
  assert(not log:find("Sanitizer"), "a sanitizer has something to say:\n" .. log)
end

return driver
