---@meta tidegate.kit
-- SPDX-License-Identifier: MIT

---@class kit
---@field null userdata JSON's null inside of data
local kit = {}

---Loads the gateway in folder, or all that stand in it; without a folder the one that the spec file
---stands in.
---@param folder? string
---@param options? kit.options
---@return kit.app
function kit.load(folder, options) end

---A module of the gateway's own. Of tidegate it sees json, log, now and random.
---@param folder string
---@param name string "lib.rooms"
---@return any
function kit.require(folder, name) end

---An app over the running server at url.
---@param url string "ws://127.0.0.1:8080"
---@param options? kit.live_options
---@return kit.app
function kit.live(url, options) end

---@class kit.live_options
---@field secret? string that tokens are signed with
---@field path? string where clients connect
---@field tenant_header? string "x-tenant-id" by default
---@field patience_ms? number how long a client waits before it says that nothing has come

---Marks the table, so that it is [] when it is empty.
---@generic T: table
---@param values T
---@return T
function kit.array(values) end

---@class kit.options
---@field workers? integer 1 by default
---@field limits? table<string, any> as limits in tidegate.lua
---@field tenants? table<string, { name?: string, suspended?: boolean }> as a tenants file returns
---@field config? table the other keys of tidegate.lua
---@field clock? number milliseconds since 1970 at the start
---@field seed? integer of all random numbers; 1 by default

---@class kit.connect
---@field claims? table<string, any> of a token; exp and tenant are added, false leaves one out
---@field token? string instead of claims
---@field tenant? string
---@field path? string needed where several gateways are loaded
---@field params? table<string, string> of the gateway's path
---@field query? string|table<string, string>
---@field headers? table<string, string|string[]|false>
---@field subprotocols? string[]
---@field address? string the peer's
---@field worker? integer which one accepts it; without it they take turns
---@field silent? boolean answers no pings
---@field secure? boolean as if it came over TLS

---@class kit.refusal
---@field status integer
---@field headers table<string, string> names in small letters
---@field body string

---@class kit.frame
---@field kind "text"|"binary"|"ping"|"pong"|"close"
---@field payload string
---@field at number milliseconds since 1970
---@field event? string
---@field id? string|number
---@field data? any
---@field error? { code: string, message: string }

---@class kit.log_line
---@field level "error"|"warn"|"info"|"debug"
---@field process string "worker-1"
---@field module string a gateway's name, or a part of the server
---@field message string
---@field fields table<string, string>
---@field line string all of it

---@class kit.app
---@field seed integer
---@field workers integer
local app = {}

---@param options? kit.connect
---@return kit.client? client
---@return kit.refusal? refusal
function app:connect(options) end

---Lets everything run that can run. The clock stands.
function app:settle() end

---Moves the clock.
---@param ms number
function app:advance(ms) end

---@return number ms since 1970
function app:now() end

---@param options { claims: table<string, any>, tenant?: string }
---@return string
function app:token(options) end

---@return integer
function app:connections() end

---@param room string
---@param options? { tenant?: string, gateway?: string }
---@return kit.client[]
function app:members(room, options) end

---Deploys the folder's files as the next generation. Without a folder the gateways are read again.
---@param folder? string
function app:reload(folder) end

---Back to the generation before, as when a trial fails.
---@param gateway? string its name; needed where several are loaded
function app:rollback(gateway) end

---The trial has ended well: the generation before is let go.
---@param gateway? string
function app:prove(gateway) end

---The worker dies with its clients; a fresh one takes its place.
---@param worker integer
function app:lose_worker(worker) end

---What other workers publish reaches this one only when ms have passed.
---@param worker integer
---@param ms number
function app:delay_mail(worker, ms) end

---The worker's next emits and broadcasts are unavailable.
---@param worker integer
---@param count? integer 1 by default
function app:refuse_publications(worker, count) end

---The next calls of handlers and hooks run out of their CPU budget at once.
---@param count? integer 1 by default
function app:exhaust_cpu(count) end

---The next calls of handlers and hooks get no memory.
---@param count? integer 1 by default
function app:exhaust_memory(count) end

---From now on these are all tenants there are.
---@param tenants table<string, { name?: string, suspended?: boolean }>
function app:set_tenants(tenants) end

---@param kind "jti"|"sub"|"tenant"
---@param value string
function app:revoke(kind, value) end

---@param filter? { level?: string, process?: string, module?: string, message?: string }
---@return kit.log_line[]
function app:logs(filter) end

---Errors whose line has the text are part of the spec; raises when there is none.
---@param text string
---@return kit.log_line first
function app:expect_error(text) end

---@param name? string 'ws_closed_total{reason="idle"}'
---@return number|table<string, number>
function app:metrics(name) end

---Raises when errors were left behind.
function app:stop() end

---@class kit.client
---@field app kit.app
---@field id string as client.id in the gateway
---@field worker integer
---@field subprotocol? string
local client = {}

---@param event string
---@param data any
function client:send(event, data) end

---@param text string
function client:send_text(text) end

---@param bytes string
function client:send_binary(bytes) end

---@param octets string
function client:send_raw(octets) end

---@param event string
---@param data any
---@param within_ms? number how far the clock may move
---@return any data
---@return string? code
---@return string? message
function client:request(event, data, within_ms) end

---@param event string
---@param within_ms? number how far the clock may move
---@return any data
---@return string? note what was received instead
function client:receive(event, within_ms) end

---@param within_ms? number
---@return string? text
---@return string? note
function client:receive_text(within_ms) end

---@param within_ms? number
---@return string? bytes
---@return string? note
function client:receive_binary(within_ms) end

---@param event? string
function client:expect_nothing(event) end

---@return kit.frame[]
function client:frames() end

---@param code? integer 1000 by default; 0: none
---@param reason? string
function client:close(code, reason) end

---@return integer? code of the server's close frame; 1006: there was none; nil: it is open
---@return string? reason
---@return string? cause
function client:closed() end

---Stops reading.
function client:stall() end

---Reads again.
function client:drain() end

---Vanishes.
function client:drop() end

---Stalls, with the server's queue for it full.
function client:fill_queue() end

---@return integer frames in the server's queue for it
function client:queued() end
