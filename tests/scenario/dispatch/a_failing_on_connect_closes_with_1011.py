# SPDX-License-Identifier: MIT
"""on_connect raises: the client is closed with 1011 and no details, also when it has slept before.
Nobody else notices."""
from stage import equal


async def play(stage):
    async with stage.server() as server:
        server.allow_error(r"door")
        for query in ("how=raise", "how=raise&nap=1"):
            alice = await stage.client(server, "alice", f"/door?{query}")
            await alice.is_closed(1011, "internal error")
        await server.log_says(r"door/gateway\.lua:\d+: the lock is jammed")
        await server.metric_becomes('ws_closed_total{reason="script_failed"}', 2)
        equal(await server.metric("ws_handler_errors_total"), 2, "errors")
        bob = await stage.client(server, "bob", "/door")
        await bob.heard_nothing()
        await server.metric_becomes("ws_connections", 1)
