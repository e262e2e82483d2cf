# SPDX-License-Identifier: MIT
"""One announcement, everybody on the gateway gets it once: the sender too, unless left out; nobody
on another gateway."""
import asyncio

from stage import equal


async def play(stage):
    crowd = stage.count("listeners", 100, 1000)
    rounds = stage.count("rounds", 5, 20)
    async with stage.server() as server:
        listeners = []
        for _ in range(0, crowd, 50):
            listeners += await asyncio.gather(
                *(stage.client(server, "listener", "/north") for _ in range(50))
            )
        alice = await stage.client(server, "alice", "/north")
        stranger = await stage.client(server, "stranger", "/south")
        for number in range(rounds):
            await alice.ask("announce", f"number {number}")
            await alice.hears("announced", f"number {number}")
            equal("data" in await alice.answer(alice.last_id), True, "announce is answered")
            await alice.send("shout", {"text": number, "but_me": True})
        await alice.heard_nothing()
        for listener in listeners:
            for number in range(rounds):
                await listener.hears("announced", f"number {number}")
                await listener.hears("shouted", number)
            await listener.heard_nothing()
        await stranger.heard_nothing()
