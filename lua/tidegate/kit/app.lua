-- SPDX-License-Identifier: MIT
-- A server in memory, as a spec holds it.

local client = require "tidegate.kit.client"
local core = require "tidegate.kit.core"
local kernel = require "tidegate.kit.kernel"
local report = require "tidegate.kit.report"
local request = require "tidegate.kit.request"
local settings = require "tidegate.kit.settings"
local spec_run = require "tidegate.kit.spec_run"
local start = require "tidegate.kit.start"

local app = {}
local app_mt = { __index = app }

local ADDRESS = "192.0.2.1" -- of RFC 5737: nobody's
local TOKEN_SECONDS = 3600

function app.start(folder, options)
  local self = setmetatable(start.run(folder, options), app_mt)
  spec_run.add(self)
  return self
end

-- --- time ---

-- Lets everything run that can run. The clock stands.
function app:settle()
  kernel.settle(self)
end

-- Moves the clock: timers ring, pings are sent, tokens expire, the silent are swept, each at its
-- time.
function app:advance(ms)
  kernel.must(kernel.of(self):advance(ms))
end

-- Milliseconds since 1970, by the app's clock.
function app:now()
  return kernel.of(self):now()
end

-- --- clients ---

-- With one gateway its path, filled with params, need not be said.
local function path_of(self, options)
  if options.path then
    return options.path
  end
  if #self.gateways ~= 1 then
    error("connect needs a path: " .. #self.gateways .. " gateways are loaded", 0)
  end
  return request.fill_path(self.gateways[1].path, options.params)
end

-- exp and the tenant are added where the spec says nothing of them.
local function token_of(self, options)
  if options.token or not options.claims then
    return options.token
  end
  if not self.secret then
    error("claims can't be signed: the first of auth.keys is no secret; give a token", 0)
  end
  local claims = { exp = math.floor(self:now() / 1000) + TOKEN_SECONDS, tenant = options.tenant }
  for name, value in pairs(options.claims) do
    claims[name] = value
  end
  for name, value in pairs(claims) do
    if value == false then
      claims[name] = nil
    end
  end
  local text = assert(core.encode(claims))
  return assert(core.mint(self.secret, text))
end

local function choose_worker(self, options)
  if options.worker then
    return options.worker
  end
  local worker = self.next_worker
  self.next_worker = worker % self.workers + 1
  return worker
end

local function head_of(self, options)
  local head = {}
  for name, value in pairs(options) do
    head[name] = value
  end
  head.path = path_of(self, options)
  head.tenant_header = self.tenant_header
  return request.head(head, token_of(self, options))
end

-- A client, or nil and the refusal: { status, headers, body }.
function app:connect(options)
  options = options or {}
  local ok, head = pcall(head_of, self, options)
  if not ok then
    error(head, 2)
  end
  local answer, number = kernel.of(self):connect(head, options.address or ADDRESS,
    choose_worker(self, options), options.silent, options.secure)
  if not answer then
    error(number, 2)
  end
  self:settle()
  if not number then
    return nil, request.read_answer(answer)
  end
  local new = client.new(self, number, request.read_answer(answer))
  self.clients[number] = new
  return new
end

-- A token as connect makes one from { claims, tenant }: for an auth message.
function app:token(options)
  local ok, token = pcall(token_of, self, options)
  if not ok then
    error(token, 2)
  end
  return token
end

-- How many clients are registered.
function app:connections()
  return kernel.settle(self):connections()
end

-- The clients in a room, in the order they came.
function app:members(room, options)
  options = options or {}
  local gateway = options.gateway or (#self.gateways == 1 and self.gateways[1].name)
  if not gateway then
    error("members needs a gateway: " .. #self.gateways .. " are loaded", 2)
  end
  local numbers = kernel.settle(self):members(gateway, options.tenant, room)
  table.sort(numbers)
  local members = {}
  for index, number in ipairs(numbers) do
    members[index] = self.clients[number]
  end
  return members
end

-- --- deploys ---

local function deploy(self, verb, name)
  local of = kernel.settle(self)
  local ok, why = of[verb](of, name)
  if not ok then
    error(why, 3)
  end
  self.gateways = of:gateways()
  kernel.settle(self)
end

-- Deploys the folder's files as the next generation, in all workers. Without a folder the gateways
-- are read again from where they were loaded.
function app:reload(folder)
  deploy(self, "reload", folder)
end

-- Back to the generation before, as when a trial fails.
function app:rollback(gateway)
  deploy(self, "rollback", gateway)
end

-- The trial has ended well: the generation before is let go.
function app:prove(gateway)
  deploy(self, "prove", gateway)
end

-- --- faults ---

-- The worker dies, and its clients with it; a fresh one takes its place.
function app:lose_worker(worker)
  kernel.must(kernel.settle(self):lose_worker(worker))
end

-- What other workers publish reaches this one only when ms have passed.
function app:delay_mail(worker, ms)
  kernel.settle(self):delay_mail(worker, ms)
end

-- The worker's next emits and broadcasts reach nobody: nil, "unavailable".
function app:refuse_publications(worker, count)
  kernel.of(self):refuse_publications(worker, count or 1)
end

-- The next calls of handlers and hooks run out of their CPU budget at once.
function app:exhaust_cpu(count)
  kernel.of(self):exhaust("cpu", count or 1)
end

-- The next calls of handlers and hooks get no memory.
function app:exhaust_memory(count)
  kernel.of(self):exhaust("memory", count or 1)
end

-- --- tenants and revocations ---

-- As a new version of the tenants file: from now on these are all tenants there are.
function app:set_tenants(tenants)
  local ok, text = pcall(settings.tenant_lines, tenants)
  if not ok then
    error(text, 2)
  end
  kernel.must(kernel.settle(self):set_tenants(text))
  kernel.settle(self)
end

-- Revokes a token by its "jti", or all of a "sub" or a "tenant".
function app:revoke(kind, value)
  self.revoked[#self.revoked + 1] = kind .. " " .. value .. "\n"
  kernel.must(kernel.settle(self):set_revocations(table.concat(self.revoked)))
  kernel.settle(self)
end

-- --- logs and metrics ---

-- What was logged, oldest first; with a filter only what is like it: { level = "warn" }. It can
-- still be asked for when the app was stopped, as in an after_each.
function app:logs(filter)
  if self.core then
    kernel.settle(self)
  end
  return report.select(self, filter or {})
end

-- Says that errors whose log line has the text are part of the spec, and gives the first.
function app:expect_error(text)
  kernel.settle(self)
  local line, why = report.expect(self, text)
  if not line then
    error(why, 2)
  end
  return line
end

-- One metric's value, summed over the workers, by its name in the exposition with its labels; or,
-- without a name, all of them in a table.
function app:metrics(name)
  local values = {}
  local text = kernel.must(kernel.settle(self):metrics())
  for series, value in text:gmatch("([^\n#][^\n]*) (%d+)\n") do
    values[series] = tonumber(value)
  end
  if not name then
    return values
  end
  if not values[name] then
    error("there is no metric " .. name, 2)
  end
  return values[name]
end

-- Ends the app, which the end of a busted test does too. Raises when errors were left behind.
function app:stop()
  local complaint = report.complaint(self)
  spec_run.remove(self)
  report.close(self)
  if complaint then
    error(complaint, 2)
  end
end

return app
