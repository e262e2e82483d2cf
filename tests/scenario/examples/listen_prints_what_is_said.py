# SPDX-License-Identifier: MIT
"""examples/node/listen.js, in a room of the chat, prints what Alice says there and leaves after as
many messages as it was told."""
import asyncio
import os

import server as servers
from stage import equal

LISTEN = os.path.join(servers.ROOT, "examples", "node", "listen.js")


async def play(stage):
    async with stage.server(gateways=servers.SHIPPED) as server:
        listener = await asyncio.create_subprocess_exec(
            "node", LISTEN, server.url("/chat"), "tea", "2", stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, env=dict(os.environ, NODE_PATH="/usr/share/nodejs"),
            preexec_fn=lambda: servers.before_exec(None))

        async def line():
            return (await stage.within(10, listener.stdout.readline(), "a line")).decode()

        equal(await line(), "listening in tea\n", "the first line")
        alice = await stage.client(server, "Alice", "/chat", token=stage.token(sub="alice"))
        await alice.data("room::join", {"room": "tea"})
        await alice.send("message::send", {"text": "to the lobby"})
        for text in ("one", "two"):
            await alice.send("message::send", {"room": "tea", "text": text})
            equal(await line(), f"alice: {text}\n", "what is said")
        equal(await stage.within(10, listener.wait(), "the listener's end"), 0, "its exit code")
