---@meta
-- SPDX-License-Identifier: MIT

---One connection, as handlers see it. It may be kept after the client's end.
---@class client
---@field id string unique in the cluster
---@field claims fun(): table? the verified claims, a fresh copy; nil when anonymous
---@field tenant? { id: string, name: string }
---@field path string
---@field params table<string, string> of the path
---@field query table<string, string> decoded, at most 32
---@field trace_id string 32 hex digits
---@field address string
---@field connected_at number ms since 1970
---@field state table the gateway's own
local client = {}

---One claim; nil when it is absent.
---@param name string
---@return any
function client:claim(name) end

---Queues an event for this client.
---@param event string
---@param data any
---@return true? sent
---@return "closed"|"evicted"|"too_large"|"no_memory"? why
function client:send(event, data) end

---Queues a text message without an envelope.
---@param text string UTF-8
---@return true? sent
---@return "closed"|"evicted"|"too_large"|"no_memory"? why
function client:send_text(text) end

---Queues a binary message.
---@param bytes string
---@return true? sent
---@return "closed"|"evicted"|"too_large"|"no_memory"? why
function client:send_binary(bytes) end

---Ends the connection; in its own handler after the answer.
---@param code? integer 1000 by default
---@param reason? string UTF-8
---@return true? closing
---@return "closed"|"no_memory"? why
function client:close(code, reason) end

---@param room string
---@return true? joined
---@return "closed"|"full"|"invalid"|"no_memory"? why
function client:join(room) end

---@param room string
---@return true? left
---@return "closed"|"not_found"? why
function client:leave(room) end

---@return string[]
function client:rooms() end

---To everyone on this gateway in the client's tenant.
---@param event string
---@param data any
---@param options? { except?: client }
---@return true? sent
---@return "unavailable"|"too_large"|"no_memory"? why
function client:broadcast(event, data, options) end

---@return integer messages
---@return integer octets
function client:queued() end
