# SPDX-License-Identifier: MIT
"""A worker is stopped: the other's clients go on; counts are partial after a second; when the mail
to it is full an emit says unavailable and reaches nobody. When it goes on it delivers what was
taken, in order, and counts are whole again."""
import os
import signal
import time

from stage import Failed, check, equal

DEADLINE = 120
TEXT = "x" * 50000


async def play(stage):
    # Bob gets at once what came in a second: his queue must hold it.
    async with stage.server(workers=2, outbound_bytes="32MiB", outbound_messages=1024) as server:
        alice = await stage.client_on(1, server, "alice", "/north")
        bob = await stage.client_on(2, server, "bob", "/north")
        for actor in (alice, bob):
            await actor.data("join", "plaza")
        stopped = server.workers()[2]
        os.kill(stopped, signal.SIGSTOP)
        try:
            begun = time.monotonic()
            equal(await alice.data("census", "plaza"), [1, "partial"], "the count")
            took = time.monotonic() - begun
            check(0.9 < took < 3, f"a partial count took {took:.2f} s, not a second")
            taken = await fill(alice, server)
        finally:
            os.kill(stopped, signal.SIGCONT)
        stage.tell("taken", taken)
        for number in range(taken):
            data = await bob.hears("said", within=10)
            equal(data[0], number, "the message's number")
        await bob.heard_nothing()
        await alice.heard_nothing()
        equal(await alice.data("census", "plaza"), [2], "the count afterwards")
        await alice.data("say", {"room": "plaza", "text": "again", "but_me": True})
        await bob.hears("said", "again")


async def fill(alice, server):
    """Emits until the mail is full; returns how many were taken. Alice hears those, and no
    other."""
    for number in range(400):
        await alice.ask("say", {"room": "plaza", "text": [number, TEXT]})
        message = await alice.hear()
        if f'"id":{alice.last_id}' in message[:20]:
            check('"unavailable"' in message, f"the answer is {message[:80]}")
            equal(await server.metric("ws_publications_unavailable_total"), 1, "refused")
            check(number > 100, f"only {number} messages of 50 KB were taken")
            return number
        await alice.answer(alice.last_id)
    raise Failed("20 MB for a worker that stands still were taken")
