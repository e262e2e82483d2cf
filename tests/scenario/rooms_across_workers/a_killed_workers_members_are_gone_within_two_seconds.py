# SPDX-License-Identifier: MIT
"""A worker is killed: within two seconds its members are in no room any more, and the clients of
the other worker talk on, without a word lost, in order. Who comes to the new worker is heard and
counted again."""
import asyncio
import os
import signal
import time

from stage import Failed, equal

DEADLINE = 240


async def until_counted(actor, wanted, seconds):
    end = time.monotonic() + seconds
    while True:
        census = await actor.data("census", "plaza")
        if census == [wanted]:
            return
        if time.monotonic() > end:
            raise Failed(f"{actor.name} counts {census}, not {wanted}, after {seconds} s")
        await asyncio.sleep(0.01)


async def come_back(stage, server, name):
    """A client on the second worker, which is being replaced: whoever is connected meanwhile may
    be lost to it."""
    end = time.monotonic() + 5
    while True:
        try:
            actor = await stage.client_on(2, server, name, "/north")
            await actor.data("join", "plaza")
            return actor
        except Exception:  # pylint: disable=broad-except
            if time.monotonic() > end:
                raise
            await asyncio.sleep(0.05)


async def play(stage):
    rounds = stage.count("kills", 3, 20)
    async with stage.server(workers=2) as server:
        server.allow_error("worker")
        alice = await stage.client_on(1, server, "alice", "/north")
        carol = await stage.client_on(1, server, "carol", "/north")
        for actor in (alice, carol):
            await actor.data("join", "plaza")
        bob = await come_back(stage, server, "bob")
        for number in range(rounds):
            equal(await alice.data("census", "plaza"), [3], "members before the kill")
            os.kill(server.workers()[2], signal.SIGKILL)
            killed = time.monotonic()
            for i in range(50):
                await alice.ask("say", {"room": "plaza", "text": [number, i], "but_me": True})
                equal(await alice.answer(alice.last_id), {"data": True}, "an emit after the kill")
                await carol.hears("said", [number, i])
            await until_counted(alice, 2, 2)
            stage.tell(f"gone_after_{number}", round(time.monotonic() - killed, 3))
            await bob.is_closed(1006)
            bob = await come_back(stage, server, "bob")
            await until_counted(carol, 3, 2)
            await bob.ask("say", {"room": "plaza", "text": "back", "but_me": True})
            await bob.answer(bob.last_id)
            await alice.hears("said", "back")
            await carol.hears("said", "back")
            await alice.data("say", {"room": "plaza", "text": "welcome", "but_me": True})
            await bob.hears("said", "welcome")
            await carol.hears("said", "welcome")
            # A worker that died young is respawned with growing delay: let this one grow up.
            await asyncio.sleep(1.2)
        for actor in (alice, bob, carol):
            await actor.heard_nothing()
