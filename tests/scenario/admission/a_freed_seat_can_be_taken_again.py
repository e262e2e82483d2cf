# SPDX-License-Identifier: MIT
"""Alice and Bob fill the house; Carol is refused until Alice leaves, then sits down. A refused or
broken handshake costs no seat."""
from stage import equal


async def play(stage):
    async with stage.server(max_connections=2) as server:
        for path in ["/nowhere", "/members"]:
            await stage.answer(server, path)
        alice = await stage.client(server, "alice", "/north")
        bob = await stage.client(server, "bob", "/south")
        rounds = stage.count("rounds", 20, 400)
        for _ in range(rounds):
            await stage.refuses(503, server, "/north")
            await alice.leave()
            await server.metric_becomes("ws_connections", 1)
            alice = await stage.client(server, "carol", "/north")
        bob.vanish()
        await server.metric_becomes("ws_connections", 1)
        bob = await stage.client(server, "dave", "/south")
        equal(await server.metric("ws_upgrades_refused_total"), rounds, "refused")
        await bob.heard_nothing()
