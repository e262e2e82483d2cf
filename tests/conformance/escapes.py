# SPDX-License-Identifier: MIT
"""Every script of escapes/ tries to leave its gateway: files, processes, bytecode, the server's own
tables, another gateway's. None succeeds, each ends with the error that it says it expects, and its
gateway and its neighbour go on serving."""
import os
import re
import tempfile

from server import IS_SANITIZED, run_once
from stage import Failed, check, equal

DEADLINE = 110
FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "escapes")
BATCH = 50  # a worker has room for 64 gateways
LEAST = 45
HEADER = re.compile(r"^-- (tries|at|expects): (.+)$", re.MULTILINE)

GATEWAY = """
local tide = require "tidegate"
local attempt = require "attempt"
local events, limits = {}, { message_bytes = 65536 }
local origins = { "https://b.example", "https://a.example" }
local lost
lost = setmetatable({}, { __index = function(_, key) return lost[key] end })
local gateway = setmetatable({
  path = "/NAME", events = events, origins = origins, limits = limits,
}, { __index = { kept = limits, lost = lost } })

events["try"] = function(client)
  local ok, err = pcall(attempt, client, gateway)
  return { escaped = ok, err = type(err) == "string" and err or type(err) }
end
events["alive"] = function(client)
  return { client.path, gateway.path, origins[1], limits.message_bytes,
    type(gateway.events.try) == "function", client.claims().sub, client.tenant.id }
end
return gateway
"""

NEIGHBOUR = """
local tide = require "tidegate"
local twice = require "lib.twice"
local events = {}
events["intact"] = function(client)
  return { ("%s"):format({}), table.concat({ 1, 2 }, ","), tide.json.encode({ a = 1 }),
    twice.secret == nil, #tide.room("secrets"):members(), tostring(print) }
end
events["join"] = function(client) client:join("secrets") end
return { path = "/neighbour", events = events }
"""

TWICE = b"return { name = 'twice' }"

# Files beside the attempt: lib/literal.lua and so on.
BESIDE = {
    "ffi_literal_caught": {
        "lib/literal.lua": b"return 1LL",
        "lib/literal_again.lua": b"return getmetatable(1ULL)",
    },
    "bytecode_required": {"lib/code.lua": b"\x1bLJ\x02\x00\x00"},
    "bytecode_as_the_gateway": {"gateway.lua": b"\x1bLJ\x02\x00\x00"},
    "require_of_itself": {"lib/ring.lua": b"return require 'lib.ring'"},
    "constants_past_the_limit": {
        "attempt.lua": b"local t = {}\n" + b"".join(b"t.k%d=1\n" % i for i in range(70000)),
    },
    "goto_out_of_a_function": {
        "attempt.lua": b"local function f() goto out end ::out:: return f",
    },
    "nesting_past_the_limit": {"attempt.lua": b"return " + b"(" * 5000 + b"1" + b")" * 5000},
}


def link(folder):
    os.symlink("/etc/hostname", os.path.join(folder, "lib", "link.lua"))


def link_folder(folder):
    os.symlink("/etc", os.path.join(folder, "lib", "outside"))


def fifo(folder):
    os.mkfifo(os.path.join(folder, "lib", "pipe.lua"))


UNUSUAL = {
    "require_of_a_link": link,
    "require_of_a_linked_folder": link_folder,
    "require_of_a_fifo": fifo,
}


class Attempt:
    def __init__(self, path):
        self.name = os.path.basename(path)[: -len(".lua")]
        with open(path, "rb") as file:
            self.content = file.read()
        header = dict(HEADER.findall(self.content.decode()))
        if set(header) - {"at"} != {"tries", "expects"}:
            raise Failed(f"{self.name} does not say what it tries and expects")
        self.is_at_load = header.get("at") == "load"
        self.expects = header["expects"]

    def write(self, root):
        folder = os.path.join(root, self.name)
        os.makedirs(os.path.join(folder, "lib"))
        files = {
            "gateway.lua": GATEWAY.replace("NAME", self.name).encode(),
            "attempt.lua": self.content,
            "lib/twice.lua": TWICE,
        }
        files.update(BESIDE.get(self.name, {}))
        for name, content in files.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        UNUSUAL.get(self.name, lambda _: None)(folder)
        return folder

    def judge(self, text):
        if not re.search(self.expects, text):
            raise Failed(f"{self.name}: {text!r} does not say {self.expects!r}")


def write_neighbour(root):
    folder = os.path.join(root, "neighbour")
    os.makedirs(os.path.join(folder, "lib"))
    with open(os.path.join(folder, "gateway.lua"), "w", encoding="utf-8") as file:
        file.write(NEIGHBOUR)
    with open(os.path.join(folder, "lib", "twice.lua"), "wb") as file:
        file.write(TWICE)


async def try_at_load(attempt):
    with tempfile.TemporaryDirectory() as root:
        code, told, errors = await run_once(["check", attempt.write(root)])
        check(code == 1, f"{attempt.name} was loaded: {code} {told} {errors}")
        attempt.judge(told)


async def try_one(stage, server, attempt):
    since = len(server.lines)
    client = await stage.client(server, "mallory", "/" + attempt.name, tenant="acme",
                                token=stage.token(sub="mallory"))
    # Events of the attempt's own may come before its answer.
    await client.ask("try")
    while True:
        text = await client.hear(within=20)
        if '"event"' not in text:
            break
    if '"handler_timeout"' in text:
        text = "stopped: the handler ran out of its CPU budget"
    elif '"handler_error"' in text:
        text = await server.log_says(r"event=try .*" + attempt.expects, since=since)
    elif '"escaped":false' not in text:
        raise Failed(f"{attempt.name} escaped: {text}")
    attempt.judge(text.replace('\\"', '"'))
    equal(await client.data("alive"), [f"/{attempt.name}", f"/{attempt.name}", "https://b.example",
                                       65536, True, "mallory", "acme"], f"{attempt.name} lives on")
    await client.leave()


async def try_some(stage, attempts):
    """One server with a gateway for each, and a neighbour that nothing may reach."""
    with tempfile.TemporaryDirectory() as root:
        write_neighbour(root)
        for attempt in attempts:
            attempt.write(root)
        settings = {"script_memory": "16MiB", "handler_budget": "500ms" if IS_SANITIZED else "50ms"}
        async with stage.server(gateways=root, **settings) as server:
            neighbour = await stage.client(server, "neighbour", "/neighbour", tenant="acme")
            await neighbour.data("join")

            async def step(attempt):
                since = len(server.lines)
                await try_one(stage, server, attempt)
                place = rf" error \S+ {attempt.name} "
                if any(re.search(place, line) for line in server.lines[since:]):
                    server.allow_error(place)
                equal(await neighbour.data("intact"),
                      ["table", "1,2", '{"a":1}', True, 1, "function"],
                      f"the neighbour of {attempt.name}")

            await each(attempts, step)


async def each(attempts, step):
    """Steps through all of them, and then says which went wrong."""
    failures = []
    for attempt in attempts:
        try:
            await step(attempt)
        except Failed as failure:
            failures.append(str(failure))
    check(not failures, "\n".join(failures))


async def play(stage):
    names = sorted(name for name in os.listdir(FOLDER) if name.endswith(".lua"))
    attempts = [Attempt(os.path.join(FOLDER, name)) for name in names]
    check(len(attempts) >= LEAST, f"{len(attempts)} attempts are too few")
    unknown = (set(BESIDE) | set(UNUSUAL)) - {attempt.name for attempt in attempts}
    equal(unknown, set(), "files beside attempts that are not there")
    await each([attempt for attempt in attempts if attempt.is_at_load], try_at_load)
    running = [attempt for attempt in attempts if not attempt.is_at_load]
    for first in range(0, len(running), BATCH):
        await try_some(stage, running[first:first + BATCH])
    stage.tell("attempts", len(attempts))
