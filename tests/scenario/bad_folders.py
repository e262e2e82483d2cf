# SPDX-License-Identifier: MIT
"""Ways by the hundred to make a gateway's folder bad. Each is done to a folder that
folders.Root.add has written; what makes a case another one than its neighbour is named in its
label."""
import os
import shutil
import socket

import bad_gateway_corpus
import folders

# What can't be compiled.
SYNTAX = [
    "return {", "return }", "local x =", "if true then", "for i = 1 do end", "function", "end",
    "return { path = }", "x = = 1", "local 1 = 2", "goto nowhere", "break", 'return "unfinished',
    "return [[unfinished", "--[[ unfinished", "return 'a\nb'", "x y z", "return { ; , }",
    "local function f( end", "for in pairs({}) do end", "while do end", "repeat", "return ...)",
    "@", "return 0x", "return 1..2", "\\", "local t = { [1 = 2 }", "::a:: ::a::", "return \\x",
]

# What ends with an error, or with no table, when it is run.
RUNTIME = [
    'error("no")', "error({})", "error()", "error(nil)", "local x = nil; x.y = 1",
    "local x = nil; return x.y", "local x = 1; x()", "return 1 + {}", "return {} .. ''",
    'return "a" < 1', 'require "nothing"', 'require "lib.nothing"', 'require "../lib/words"',
    'require "/etc/passwd"', "undefined_function()", 'setmetatable(1, {})', "string.rep()",
    'local a = {} a[nil] = 1', "return", "return nil", "return 7", 'return "text"',
    "return false",
    "return function() end", "coroutine.yield()", 'require("tidegate").sleep(1)',
    'require("tidegate").after(1)', 'require("tidegate").room({})', 'assert(false, "no")',
    'assert(nil)', 'local t = setmetatable({}, { __index = function() error("deep") end }) '
    'return t.path', 'require("tidegate").json.decode("{")()',
]

# What never ends by itself.
ENDLESS = [
    "while true do end", "repeat until false", "for i = 1, math.huge do end",
    "local function f() return f() end f()", "while true do pcall(error) end",
    "while true do pcall(function() while true do end end) end",
    "local c = coroutine.wrap(function() while true do end end) c()",
    "while true do coroutine.wrap(function() end)() end",
    "while true do string.format('%d', 1) end", "::again:: goto again",
]

# What takes more memory than there is.
BOMBS = [
    'local s = "x" while true do s = s .. s end', "local t = {} for i = 1, 1e9 do t[i] = {} end",
    'return string.rep("x", 1e9)', 'local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(i) end',
    "local t = {} while true do t = { t } end",
    'local t = {} for i = 1, 1e9 do t["k" .. i] = i end',
    'local s = ("x"):rep(1e6) return (s:gsub("x", s))', "local function f() return 1 + f() end f()",
]

# A gateway's table that is none: what stands in place of a right value.
TABLES = [
    ("path", value) for value in ("7", "true", "{}", '""', '"bare"', '"/a b"', '"/ä"', '"/:"',
                                  '"/:a/:a"', "function() end")
] + [
    ("auth", value) for value in ('"sometimes"', "true", "1", "{}")
] + [
    ("tenant", value) for value in ('"maybe"', "false", "{}")
] + [
    ("origins", value) for value in ("7", '"https://a.example"', "{ 1 }", '{ "nonsense" }')
] + [
    ("limits", value) for value in ("7", "{ message_bytes = 0 }", '{ message_bytes = "big" }',
                                    "{ message_byts = 1 }", "{ message_bytes = -1 }",
                                    "{ message_bytes = 1.5 }")
] + [
    (key, value)
    for key in ("on_connect", "on_disconnect", "on_error", "save", "restore", "on_binary")
    for value in ("1", '"f"', "{}")
] + [
    ("events", value) for value in ("7", '"all"', '{ echo = "no" }', "{ echo = 1 }",
                                    "{ [1] = function() end }", "{ auth = function() end }",
                                    '{ ["presence:join"] = function() end }')
] + [
    ("every", value) for value in ("7", "{ 1 }", "{ { ms = 1000 } }", "{ { run = print } }",
                                   '{ { ms = "1s", run = function() end } }',
                                   "{ { ms = 0, run = function() end } }")
] + [
    ("before", value) for value in ("7", "{ 1 }", "function() end")
] + [
    ("raw", value) for value in ("7", '{ "echo" }', "{ echo = 1 }", "{ unheard_of = true }")
] + [
    ("selftest", value) for value in ("7", '"yes"', '{}', 'function() error("no") end',
                                      "function() return false end",
                                      "function() while true do end end",
                                      'function() require("tidegate").sleep(1) end')
] + [
    (key, "1") for key in ("pth", "event", "on_conect", "auht", "limit", "unknown", "[1]",
                           '["a b"]')
]


def write_octets(path, octets):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as out:
        out.write(octets)


def code(text):
    return lambda folder: folders.replace(os.path.join(folder, "gateway.lua"), text + "\n")


def required(text):
    """The same in a file that the gateway requires."""
    return lambda folder: folders.replace(os.path.join(folder, "lib", "words.lua"), text + "\n")


def table(key, value):
    path = "" if key == "path" else 'path = "/" .. name, '
    events = "" if key == "events" else "events = {}, "

    def do(folder):
        gateway = os.path.basename(folder)
        code(f'local name = "{gateway}"\nreturn {{ {path}{events}\n  {key} = {value},\n}}')(folder)
    return do


def half(part):
    """Written as far as this part of its octets, as a copy that was cut off leaves it."""
    def do(folder):
        file = os.path.join(folder, "gateway.lua")
        with open(file, "rb") as whole:
            octets = whole.read()
        write_octets(file + "~", octets[:int(len(octets) * part)])
        os.rename(file + "~", file)
    return do


def entry(path, make):
    """A name in the folder's lib that is no file of Lua."""
    def do(folder):
        make(os.path.join(os.fsencode(folder), b"lib", path))
    return do


def bind_socket(path):
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path)


def many_files(folder):
    for number in range(10_000):
        write_octets(os.path.join(folder, "lib", f"n{number}.lua"), b"return 1\n")


def deep(folder):
    folders.write(os.path.join(folder, *["d"] * 20, "x.lua"), "return 1\n")


def large(folder):
    write_octets(os.path.join(folder, "lib", "large.lua"), b"--" + b"x" * (5 << 20))


def large_together(folder):
    for number in range(5):
        write_octets(os.path.join(folder, "lib", f"large{number}.lua"),
                     b"--" + b"x" * ((4 << 20) - 9))


def gateway_folder(folder):
    os.rename(os.path.join(folder, "gateway.lua"), os.path.join(folder, "gateway.lua.off"))
    os.mkdir(os.path.join(folder, "gateway.lua"))


def link(target):
    return lambda path: os.symlink(target, path)


def touch(path):
    write_octets(path, b"return 1\n")


BYTECODE = b"\x1bLJ\x02\x00\x00"

OTHERS = [
    ("bytecode", code(BYTECODE.decode("latin-1"))),
    ("bytecode required", required(BYTECODE.decode("latin-1"))),
    ("a file of zeroes", code("\0" * 4096)),
    ("an empty gateway.lua", code("")),
    ("nothing but a comment", code("-- nothing")),
    ("ten thousand files", many_files),
    ("a tree that is too deep", deep),
    ("a file that is too large", large),
    ("files that are too large together", large_together),
    ("a folder in place of gateway.lua", gateway_folder),
    ("a FIFO", entry(b"pipe.lua", os.mkfifo)),
    ("a socket", entry(b"sock.lua", bind_socket)),
    ("a link out of the folder", entry(b"out.lua", link(b"../../../outside.lua"))),
    ("a link to a file of the system", entry(b"passwd.lua", link(b"/etc/passwd"))),
    ("a link to a device", entry(b"zero.lua", link(b"/dev/zero"))),
    ("a link that leads nowhere", entry(b"nowhere.lua", link(b"nothing.lua"))),
    ("a link to itself", entry(b"loop.lua", link(b"loop.lua"))),
    ("a link to the folders above", entry(b"above", link(b"../../.."))),
    ("a name that is not UTF-8", entry(b"\xff\xfe.lua", touch)),
    ("a name with half a sequence", entry(b"caf\xc3.lua", touch)),
    ("a name with a blank", entry(b"a b.lua", touch)),
    ("a name with a newline", entry(b"a\nb.lua", touch)),
    ("a name with a terminal's escape", entry(b"\x1b[2J.lua", touch)),
    ("a name with a letter past ASCII", entry("ä.lua".encode(), touch)),
]


def generated():
    """(label, what does it) of each."""
    made = list(OTHERS)
    made += [(f"half of it: {part}", half(part)) for part in (0.2, 0.4, 0.6, 0.8, 0.9, 0.97)]
    for kind, texts in (("syntax", SYNTAX), ("runtime", RUNTIME), ("endless", ENDLESS),
                        ("memory", BOMBS)):
        made += [(f"{kind}: {text}", code(text)) for text in texts]
        made += [(f"{kind}, required: {text}", required(text)) for text in texts[:4]
                 if kind != "runtime"]
    made += [(f"{key} = {value}", table(key, value)) for key, value in TABLES]
    return made


class Case:
    """What is laid into a gateway's folder, and what may be said of it."""

    def __init__(self, label, do, faults=()):
        self.label = label
        self.do = do
        self.faults = faults

    def fits(self, told, folder):
        """Whether the fault that status tells is one of those that were expected, where that is
        known."""
        told = dict(told, message=told["text"])
        return not self.faults or any(fault.fits(told, folder) for fault in self.faults)


def lay(case):
    def do(folder):
        shutil.rmtree(folder)
        case.lay(folder)
    return do


def cases():
    """Those above, and those of the corpus that don't depend on where they are. A folder without a
    gateway.lua is no bad gateway, but one that is gone."""
    corpus = [case for case in bad_gateway_corpus.live_cases() if b"gateway.lua" in case.files]
    return ([Case(label, do) for label, do in generated()] +
            [Case(case.name, lay(case), case.faults) for case in corpus])
