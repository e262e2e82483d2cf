-- SPDX-License-Identifier: MIT
-- Log lines as tables: { level, process, module, message, fields, line }.

local log_lines = {}

local function unquote(text)
  return (text:gsub('\\(["\\x])(%x?%x?)', function(kind, digits)
    if kind == "x" then
      return string.char(tonumber(digits, 16))
    end
    return kind .. digits
  end))
end

-- The word or the quoted text at position; what it says, and the position behind it.
local function read_value(line, position)
  if line:sub(position, position) ~= '"' then
    local word = line:match("^[^ ]*", position)
    return word, position + #word
  end
  local last = position + 1
  while last < #line and line:sub(last, last) ~= '"' do
    last = last + (line:sub(last, last) == "\\" and 2 or 1)
  end
  return unquote(line:sub(position + 1, last - 1)), last + 1
end

-- level, process and module, then key=value pairs, then the message in quotes.
function log_lines.read(line)
  local level, process, module, position = line:match("^(%l+) (%S+) (%S+) ()")
  if not level then
    return { level = "error", process = "", module = "", message = line, fields = {}, line = line }
  end
  local fields = {}
  while position <= #line do
    local key, at = line:match("^([%w_.-]+)=()", position)
    if not key then
      break
    end
    fields[key], position = read_value(line, at)
    position = position + 1
  end
  return {
    level = level,
    process = process,
    module = module,
    message = (read_value(line, position)),
    fields = fields,
    line = line,
  }
end

return log_lines
