-- SPDX-License-Identifier: MIT
-- For kit.require: a module that needs little of tidegate, and one thing that it can't have.

local tide = require "tidegate"
local places = require "lib.places"

local names = {}

function names.text(name)
  tide.log.debug("a name is made", { name = name })
  return tide.json.encode { name = name, place = places.first, at = tide.now() }
end

-- A text that is JSON already, as a part of another.
function names.wrap(text)
  return tide.json.encode { inside = tide.json.raw(text) }
end

function names.tell(name)
  return tide.room("names"):emit("named", name)
end

return names
