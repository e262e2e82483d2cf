# SPDX-License-Identifier: MIT
"""Who is in a room is told from either worker: through joining, leaving and vanishing, per tenant
and gateway. While one client waits for the answer its next messages wait in order."""
from stage import equal


async def play(stage):
    rounds = stage.count("rounds", 20, 400)
    async with stage.server(workers=2) as server:
        alice = await stage.client_on(1, server, "alice", "/north")
        bob = await stage.client_on(2, server, "bob", "/north")
        eve = await stage.client_on(2, server, "eve", "/north", tenant="acme")
        south = await stage.client_on(1, server, "south", "/south")
        ids = {await alice.data("id"), await bob.data("id")}
        equal(len(ids), 2, "ids differ between workers")
        for actor in (alice, bob, eve, south):
            equal(await actor.data("census", "attic"), [0], "nobody is there yet")
        for actor in (alice, bob, eve, south):
            await actor.data("join", "attic")
        for actor in (alice, bob):
            equal(await actor.data("census", "attic"), [2], f"{actor.name} counts")
            members = await actor.data("members", "attic")
            equal((len(members), set(members)), (2, ids), f"members that {actor.name} sees")
        for actor in (eve, south):
            equal(await actor.data("census", "attic"), [1], f"{actor.name} counts")
            equal(await actor.data("members", "attic"), [await actor.data("id")], "members")
        for _ in range(rounds):
            for event in ("census", "id", "members", "id", "count"):
                await alice.ask(event, "attic")
            first = alice.last_id - 4
            equal(await alice.answer(first), {"data": [2]}, "the first answer")
            for number in range(first + 1, first + 5):
                await alice.answer(number)
        await alice.data("leave", "attic")
        equal(await bob.data("count", "attic"), 1, "members after alice left")
        await alice.data("join", "attic")
        bob.vanish()
        await server.metric_becomes("ws_connections", 3)
        equal(await alice.data("census", "attic"), [1], "members after bob vanished")
        await alice.leave()
        equal(await eve.data("census", "attic"), [1], "another tenant's room")
