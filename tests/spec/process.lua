-- SPDX-License-Identifier: MIT
-- A child process with its output in a file, and a folder that holds one gateway.

local ffi = require "ffi"

ffi.cdef [[
int posix_spawn(int *pid, const char *path, const void *actions, const void *attributes,
                const char *const argv[], const char *const envp[]);
int waitpid(int pid, int *status, int options);
int kill(int pid, int signal);
extern const char *const *environ;
]]

local WNOHANG = 1
local SIGNALS = { TERM = 15, KILL = 9 }

-- The child leaves when this process does, whatever happens here.
local SHELL = 'log=$1; shift; exec setpriv --pdeathsig TERM env "$@" >>"$log" 2>&1 </dev/null'

local process = {}

local function quote(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function run(command)
  local pipe = assert(io.popen(command))
  local line = pipe:read("*l")
  pipe:close()
  return line
end

-- A fresh folder with gateways/NAME, a link to the folder of that name, and an empty file log.
function process.folder_with(folder)
  local parent = assert(run("mktemp -d"), "mktemp failed")
  local name = folder:match("([^/]+)/*$")
  local link = parent .. "/gateways/" .. name
  run("mkdir " .. quote(parent .. "/gateways") .. " && ln -s " ..
    '"$(realpath ' .. quote(folder) .. ')" ' .. quote(link) .. " && : >" .. quote(parent .. "/log"))
  local file = assert(io.open(link .. "/gateway.lua"), folder .. " holds no gateway.lua")
  file:close()
  return parent
end

-- Removes what folder_with made, and nothing else.
function process.remove_folder(parent)
  run("rm -f " .. quote(parent) .. "/gateways/* " .. quote(parent .. "/log") .. " && rmdir " ..
    quote(parent .. "/gateways") .. " " .. quote(parent))
end

-- Starts program; what it writes is appended to the file log_path.
function process.start(program, arguments, log_path, environment)
  local words = { "/bin/sh", "-c", SHELL, "sh", log_path }
  for name, value in pairs(environment) do
    words[#words + 1] = name .. "=" .. value
  end
  words[#words + 1] = program
  for _, argument in ipairs(arguments) do
    words[#words + 1] = argument
  end
  local argv = ffi.new("const char *[?]", #words + 1, words)
  argv[#words] = nil
  local pid = ffi.new("int[1]")
  assert(ffi.C.posix_spawn(pid, "/bin/sh", nil, nil, argv, ffi.C.environ) == 0, "spawning failed")
  return { pid = pid[0] }
end

-- Once it has ended, child.status is the exit status, or 128 and the signal.
function process.has_ended(child)
  local status = ffi.new("int[1]")
  if not child.status and ffi.C.waitpid(child.pid, status, WNOHANG) == child.pid then
    local signal = status[0] % 128
    child.status = signal == 0 and math.floor(status[0] / 256) or 128 + signal
  end
  return child.status ~= nil
end

function process.signal(child, name)
  if not process.has_ended(child) then
    ffi.C.kill(child.pid, SIGNALS[name])
  end
end

return process
