-- SPDX-License-Identifier: MIT
-- Raw table functions that know frozen tables: readers read through to the content, writers
-- raise. A frozen table itself is empty, so the natives would see nothing and could fill it.
-- table.concat, insert and sort are made in C.
-- Everything else (t[k], t[k] = v, setmetatable) the frozen table's metatable does.

local tables = {}

-- native: the functions of LuaJIT; frozen: frozen table -> its content.
function tables.make(native, frozen)
  local error, select, type = native.error, native.select, native.type
  local native_pairs, native_ipairs = native.pairs, native.ipairs
  local made = { table = {} }

  local function refuse(name)
    error("the table is frozen: " .. name .. " can't change it", 3)
  end

  local function reader(fn)
    return function(t, ...)
      return fn(t ~= nil and frozen[t] or t, ...)
    end
  end

  local function writer(name, fn)
    return function(t, ...)
      if t ~= nil and frozen[t] then
        refuse(name)
      end
      return fn(t, ...)
    end
  end

  made.next = reader(native.next)
  made.rawget = reader(native.rawget)
  made.unpack = reader(native.unpack)
  made.rawset = writer("rawset", native.rawset)
  made.table.maxn = reader(native.table.maxn)
  made.table.remove = writer("table.remove", native.table.remove)

  -- The state of the loop stays the frozen table: its content is never handed out.
  function made.pairs(t)
    if t ~= nil and frozen[t] then
      return made.next, t, nil
    end
    return native_pairs(t)
  end

  local function next_index(t, i)
    local value = frozen[t][i + 1]
    if value ~= nil then
      return i + 1, value
    end
  end

  function made.ipairs(t)
    if t ~= nil and frozen[t] then
      return next_index, t, 0
    end
    return native_ipairs(t)
  end

  local function check(is_right, position, what)
    if not is_right then
      error("bad argument #" .. position .. " to 'move' (" .. what .. ")", 3)
    end
  end

  -- In Lua and not the native: a range of numbers costs nothing to write, and the walk through it
  -- must end when the budget does.
  function made.table.move(from, first, last, at, ...)
    local to = from
    check(type(from) == "table", 1, "table expected")
    check(type(first) == "number" and first % 1 == 0, 2, "whole number expected")
    check(type(last) == "number" and last % 1 == 0, 3, "whole number expected")
    check(type(at) == "number" and at % 1 == 0, 4, "whole number expected")
    if select("#", ...) > 0 then
      to = (...)
    end
    if type(to) == "table" and frozen[to] then
      refuse("table.move")
    end
    check(type(to) == "table", 5, "table expected")
    local content = frozen[from] or from
    if at > last or at <= first or to ~= from then
      for i = 0, last - first do
        to[at + i] = content[first + i]
      end
    else
      for i = last - first, 0, -1 do
        to[at + i] = content[first + i]
      end
    end
    return to
  end

  return made
end

return tables
