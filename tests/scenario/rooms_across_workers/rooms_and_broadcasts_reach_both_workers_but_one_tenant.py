# SPDX-License-Identifier: MIT
"""A speaker on each of two workers: what is emitted, broadcast or announced reaches the room's
members, or everybody, on both workers once, and nobody of another tenant or gateway; the except
option holds."""
from stage import check

PLACES = [(side, tenant) for side in ("/north", "/south") for tenant in ("acme", "globex", None)]


async def play(stage):
    async with stage.server(workers=2) as server:
        crowd = {}
        for side, tenant in PLACES:
            for worker in (1, 2):
                actor = await stage.client_on(worker, server, f"{side} {tenant} {worker}", side,
                                              tenant=tenant)
                check(await actor.data("join", "plaza"), "joined")
                crowd[side, tenant, worker] = actor
        for (side, tenant, worker), speaker in crowd.items():
            other = crowd[side, tenant, 3 - worker]
            text = f"{side} {tenant} {worker}"
            await speaker.ask("say", {"room": "plaza", "text": text})
            await speaker.hears("said", text)
            await speaker.answer(speaker.last_id)
            await speaker.ask("say", {"room": "plaza", "text": text, "but_me": True})
            await speaker.answer(speaker.last_id)
            await speaker.data("say", {"room": "nobody is in", "text": text})
            await speaker.data("shout", {"text": text, "but_me": True})
            await speaker.ask("announce", text)
            await speaker.hears("announced", text)
            await speaker.answer(speaker.last_id)
            await speaker.data("say_later", {"room": "plaza", "text": "later", "ms": 10})
            for event in ("said", "said", "shouted", "announced"):
                await other.hears(event, text)
            await other.hears("said", "later")
            await speaker.hears("said", "later")
        for actor in crowd.values():
            await actor.heard_nothing()
