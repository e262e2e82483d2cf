# SPDX-License-Identifier: MIT
"""A gateway without on_binary closes with 1003 on a binary message, and takes text before."""
from stage import equal


async def play(stage):
    async with stage.server() as server:
        alice = await stage.client(server, "alice", "/whoami/here")
        await alice.data("whoami")
        await alice.say(b"octets")
        await alice.is_closed(1003, "binary messages are not taken here")
        bob = await stage.client(server, "bob", "/raw")
        await bob.say(b"octets")
        equal(await bob.hear(), b"octets", "a gateway with on_binary")
        await server.metric_becomes('ws_closed_total{reason="binary_refused"}', 1)
