---@meta tidegate
-- SPDX-License-Identifier: MIT

---@class room
---@field name string
local room = {}

---To all members, in the caller's tenant.
---@param event string
---@param data any
---@param options? { except?: client }
---@return true? sent
---@return "unavailable"|"too_large"|"no_memory"? why
function room:emit(event, data, options) end

---On all workers. Suspends where there are others.
---@return integer
---@return "partial"? missing somebody did not answer in time
function room:count() end

---On all workers. Suspends where there are others.
---@return string[] ids
---@return "partial"? missing somebody did not answer in time
function room:members() end

---@class timer
local timer = {}

---@return boolean was_set
function timer:cancel() end

---@class log
local log = {}

---@param message string
---@param fields? table<string, string|number|boolean>
function log.debug(message, fields) end

---@param message string
---@param fields? table<string, string|number|boolean>
function log.info(message, fields) end

---@param message string
---@param fields? table<string, string|number|boolean>
function log.warn(message, fields) end

---@param message string
---@param fields? table<string, string|number|boolean>
function log.error(message, fields) end

---@class json
---@field null lightuserdata
local json = {}

---@param value any
---@return string
function json.encode(value) end

---@param text string
---@return any value
---@return "malformed"|"too_deep"|"too_large"? why
function json.decode(text) end

---Checked JSON text, which is written as it is: it can't be looked into or changed. tostring gives
---the text.
---@class json_raw

---Marks JSON text, such as the data of a raw event, as a value to send.
---@param text string
---@return json_raw
function json.raw(text) end

---Marks a table as a list.
---@generic T: table
---@param table T
---@return T
function json.array(table) end

---@class tide
---@field log log
---@field json json
---@field generation string HASH-COUNTER
---@field worker integer
---@field node string
local tide = {}

---@param name string
---@return room
function tide.room(name) end

---To everyone on this gateway in the caller's tenant.
---@param event string
---@param data any
---@return true? sent
---@return "unavailable"|"too_large"|"no_memory"? why
function tide.broadcast(event, data) end

---@param ms number
---@param fn fun()
---@return timer
function tide.after(ms, fn) end

---Suspends this handler.
---@param ms number
function tide.sleep(ms) end

---Declares a global while the gateway loads.
---@param name string
---@param value? any
function tide.global(name, value) end

---@return number ms since 1970
function tide.now() end

---@param m? number
---@param n? number
---@return number
function tide.random(m, n) end

return tide
