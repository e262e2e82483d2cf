# SPDX-License-Identifier: MIT
"""A compiled loop can't be stopped: its worker is killed and replaced within a second, the other
worker serves on. At the third time in a minute the gateway is unloaded: its handshakes get 503, its
clients elsewhere 1012, and the other gateways serve on."""
import asyncio
import time

from server import patient
from stage import Failed, check, equal


async def play(stage):
    slowest = 0
    async with stage.server(workers=2) as server:
        server.allow_error(r"supervisor .*can't be stopped")
        server.allow_error(r"supervisor .*worker died in a gateway's code")
        server.allow_error(r"supervisor .*gateway unloaded")
        server.allow_error(r"supervisor .*process died")
        bob = await stage.client_on(2, server, "bob", "/where")
        carol = await stage.client_on(2, server, "carol", "/compiled")
        for _ in range(3):
            await asyncio.sleep(1.1)  # who dies younger than a second is replaced later
            dave = await stage.client_on(1, server, "dave", "/where")
            alice = await stage.client_on(1, server, "alice", "/compiled")
            pid = server.workers()[1]
            await alice.send("spin")
            begun = time.monotonic()
            while server.workers().get(1, pid) == pid:
                asked = time.monotonic()
                await bob.data("echo", "still there?")
                slowest = max(slowest, time.monotonic() - asked)
                if asked - begun > patient(10):
                    raise Failed("nobody noticed that the worker spins")
                await asyncio.sleep(0.02)
            took = time.monotonic() - begun
            check(took > 1, f"it got a second, not {took:.2f}")
            await alice.is_closed(1006)
            await dave.is_closed(1006)
            erin = await stage.client_on(1, server, "erin", "/where")
            check(time.monotonic() - begun - took < patient(1), "replaced within a second")
            await erin.data("echo", "you are new")
            await erin.leave()
        await server.log_says(r"gateway=compiled .*gateway unloaded")
        await carol.is_closed(1012, "gateway removed")
        for _ in range(8):
            status, fields, body = await stage.answer(server, "/compiled")
            equal((status, body), (503, "unavailable"), "the refusal")
            check(int(fields["retry-after"]) >= 5, "it says when to come again")
        equal(await bob.data("echo", "and you?"), "and you?", "the other gateway")
        equal(await server.metric("tidegate_gateways_unloaded"), 1, "unloaded")
        equal(await server.metric("tidegate_worker_restarts_total"), 3, "restarts")
        stage.tell("slowest_echo", round(slowest, 3))
