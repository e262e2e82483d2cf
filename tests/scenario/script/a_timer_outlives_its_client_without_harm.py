# SPDX-License-Identifier: MIT
"""Alice sets a timer and leaves, or vanishes while her handler sleeps: what wakes up finds her
handle closed, and reaches nobody else."""
from stage import equal


async def play(stage):
    async with stage.server() as server:
        rounds = stage.count("rounds", 20, 500)
        for _ in range(rounds):
            alice = await stage.client(server, "alice", "/timer")
            await alice.data("after", 60)
            await alice.send("sleep", 60)
            alice.vanish()
        bob = await stage.client(server, "bob", "/timer")
        await server.metric_becomes("ws_connections", 1)
        await bob.data("sleep", 150)
        await bob.heard_nothing()
        equal(await server.metric("ws_handler_errors_total"), 0, "errors")
