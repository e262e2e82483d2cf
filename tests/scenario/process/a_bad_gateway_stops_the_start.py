# SPDX-License-Identifier: MIT
"""One gateway is wrong: nothing is served, and the message says file, key or line, and what was
expected. `check` says the same."""
import os
import tempfile

from server import SPECIAL, run_once
from stage import check, equal

CASES = [
    ('return { path = "/x", on_conect = function() end }', ["on_conect", "on_connect"]),
    ('return { path = "/x", events = { ["a::b"] = 5 } }', ["a::b", "function", "number"]),
    ('return { path = 7 }', ["path", "number"]),
    ('return { events = {} }', ["path"]),
    ('return { path = "no/slash", events = {} }', ["path"]),
    ('return {\n  path = "/x",\n  events = {\n', ["gateway.lua:"]),
    ('local t = nil\nreturn t.x', ["gateway.lua:2:"]),
    ('return 5', ["table", "number"]),
    ('', ["table"]),
    ('return { path = "/x", auth = "maybe", events = {} }', ["auth", "maybe"]),
    ('return { path = "/x", origins = "https://a.example", events = {} }', ["origins"]),
    ('return { path = "/x", events = { auth = function() end } }', ["auth"]),
    ('return { path = "/x", events = { ["presence:join"] = function() end } }', ["presence:join"]),
    ('return { path = "/x", limits = { message_byte = 1 }, events = {} }', ["message_byte"]),
    ('x = 5\nreturn { path = "/x", events = {} }', ["gateway.lua:1:", "x"]),
    ('require "lib.missing"\nreturn { path = "/x", events = {} }', ["lib.missing"]),
    ('\x1bLJ\x02', ["gateway.lua"]),
    ('io.open("/etc/passwd")', ["gateway.lua:1:", "io"]),
]


async def play(stage):
    serve = ["serve", "--listen", "127.0.0.1:0", "--admin", "off", "--gateways"]
    for text, words in CASES:
        with tempfile.TemporaryDirectory() as root:
            folder = os.path.join(root, "broken")
            os.mkdir(folder)
            with open(os.path.join(folder, "gateway.lua"), "w", encoding="latin-1") as file:
                file.write(text)
            for arguments in (serve + [root], ["check", folder]):
                code, out, err = await run_once(arguments)
                equal(code, 1, f"exit code of {arguments[0]} for {text!r}: {out}{err}")
                told = out + err
                for word in ["broken", *words]:
                    check(word in told, f"{arguments[0]} says {word!r} for {text!r}: {told}")
                check('"ready"' not in err, "nothing was served")
    with tempfile.TemporaryDirectory() as root:
        code, out, err = await run_once(serve + [root])
        equal(code, 1, "exit code without any gateway")
        for name in ("one", "two"):
            os.mkdir(os.path.join(root, name))
            with open(os.path.join(root, name, "gateway.lua"), "w", encoding="utf-8") as file:
                file.write('return { path = "/same", events = {} }')
        code, out, err = await run_once(serve + [root])
        equal(code, 1, "exit code for one path twice")
        check("/same" in err and "one" in err and "two" in err, f"both are named: {err}")
    folders = sorted(os.path.join(SPECIAL, name) for name in os.listdir(SPECIAL))
    code, out, err = await run_once(["check", *folders])
    equal(code, 0, f"exit code of check for good gateways: {out}{err}")
    for folder in folders:
        check(f"{folder}: ok" in out, f"{folder} is ok: {out}{err}")
    stage.tell("cases", len(CASES))
