# SPDX-License-Identifier: MIT
"""tidegate rollback goes back to the generation before, with its counter, while sockets stay open;
the content that was left is not tried again, however often it is looked at, until it changes."""
import asyncio

import folders
from server import run_once
from stage import check, equal


async def play(stage):
    with folders.root("echo") as root:
        async with stage.server(gateways=root.path) as server:
            async def command(*words):
                return await run_once([*words, "--socket", server.control_path], within=30)

            alice = await stage.client(server, "alice", "/echo")
            first = (await server.gateway("echo"))["generation"]
            code, out, err = await command("rollback", "echo")
            equal((code, out), (1, ""), f"a rollback with nothing before: {err!r}")
            root.say("echo", "second")
            await server.goes_live("echo", 2)
            equal(await alice.data("words"), "second", "what is live")
            code, out, err = await command("rollback", "echo")
            equal((code, err), (0, ""), "tidegate rollback")
            check(f"{first}-1, rolled back" in out, f"what it says: {out!r}")
            equal(await alice.data("words"), "first", "what is live after the rollback")
            equal(await alice.data("generation"), f"{first}-1", "its name")
            root.say("echo", "second")  # written again, to the same content
            await asyncio.sleep(1)
            await command("reload")
            found = await server.gateway("echo")
            equal((found["counter"], found["generation"]), (1, first), "what is not tried again")
            root.say("echo", "third")
            await server.goes_live("echo", 3)
            equal(await alice.data("words"), "third", "another content")
            code, _, err = await command("rollback", "nobody")
            equal(code, 1, f"tidegate rollback nobody: {err!r}")
