# SPDX-License-Identifier: MIT
"""examples/python/say.py, as the README calls it, gets its answer and its message from the chat."""
import asyncio
import json
import os

import server as servers
from stage import check, equal

SAY = os.path.join(servers.ROOT, "examples", "python", "say.py")


async def say(*arguments):
    child = await asyncio.create_subprocess_exec(
        "/usr/bin/python3", SAY, *arguments, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        preexec_fn=lambda: servers.before_exec(None))
    out, err = await asyncio.wait_for(child.communicate(), servers.patient(15))
    return child.returncode, out.decode(), err.decode()


async def play(stage):
    async with stage.server(gateways=servers.SHIPPED) as server:
        code, out, err = await say("hello", "--url", server.url("/chat"))
        equal(code, 0, f"say.py's exit code ({err})")
        answer, message = [json.loads(line.split(":", 1)[1]) for line in out.splitlines()]
        equal(answer, {"id": 1, "data": {"delivered": True}}, "the answer")
        equal(message["data"]["text"], "hello", "the text that came back")
        equal(message["data"]["room"], "lobby", "the room it was said in")

        code, out, err = await say("hello", "--url", server.url("/nowhere"))
        check(code != 0 and "404" in err, f"a wrong path is told: {code} {err!r}")
