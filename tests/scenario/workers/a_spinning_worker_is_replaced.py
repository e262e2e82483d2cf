# SPDX-License-Identifier: MIT
"""A handler never returns: after ten seconds without a heartbeat the supervisor kills its worker
and starts another. The other worker serves on as if nothing was."""
import asyncio
import time

from stage import Failed, check


async def play(stage):
    async with stage.server(workers=2) as server:
        server.allow_error(r"supervisor .*no sign of life")
        server.allow_error(r"supervisor .*process died")
        alice = await stage.client_on(1, server, "alice", "/where")
        bob = await stage.client_on(2, server, "bob", "/where")
        pid = server.workers()[1]
        await alice.send("spin")
        begun = time.monotonic()
        slowest = 0
        while server.workers().get(1, pid) == pid:
            asked = time.monotonic()
            await bob.data("echo", "still there?")
            slowest = max(slowest, time.monotonic() - asked)
            if asked - begun > 25:
                raise Failed("nobody noticed that the worker spins")
            await asyncio.sleep(0.02)
        took = time.monotonic() - begun
        check(took > 8.5, f"it got its ten seconds, not {took:.1f}")
        await alice.is_closed(1006)
        carol = await stage.client_on(1, server, "carol", "/where")
        await carol.data("echo", "you are new")
        stage.tell("noticed_after", round(took, 1))
        stage.tell("slowest_echo", round(slowest, 3))
