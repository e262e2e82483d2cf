# SPDX-License-Identifier: MIT
"""Leaving, joining twice, vanishing: a room counts its members right, and is gone with the last."""
from stage import equal


async def play(stage):
    async with stage.server(rooms_per_client=8) as server:
        alice = await stage.client(server, "alice", "/north")
        bob = await stage.client(server, "bob", "/north")
        for actor in (alice, bob):
            await actor.data("join", "attic")
            await actor.data("join", "attic")
        equal(await alice.data("count", "attic"), 2, "members")
        equal(await alice.data("rooms"), ["attic"], "alice's rooms")
        await alice.data("leave", "attic")
        equal(await bob.data("count", "attic"), 1, "members after alice left")
        await bob.ask("say", {"room": "attic", "text": "alone"})
        await bob.hears("said", "alone")
        await bob.answer(bob.last_id)
        await alice.heard_nothing()
        bob.vanish()
        await server.metric_becomes("ws_connections", 1)
        equal(await alice.data("count", "attic"), 0, "members after bob vanished")
        await server.metric_becomes("ws_rooms", 0)
        joined = [await alice.request("join", f"room {i}") for i in range(9)]
        equal(joined[:8], [{"data": True}] * 8, "rooms joined")
        equal("error" in joined[8], True, "the ninth is an error")
        await server.metric_becomes("ws_rooms", 8)
