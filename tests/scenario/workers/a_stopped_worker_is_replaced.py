# SPDX-License-Identifier: MIT
"""A worker is stopped (SIGSTOP): it uses no processor time, so it gets half a minute; then it is
replaced. The other worker serves on all the while."""
import asyncio
import os
import signal
import time

from stage import Failed, check

TIER = "full"
DEADLINE = 90


async def play(stage):
    async with stage.server(workers=2) as server:
        server.allow_error(r"supervisor .*no sign of life")
        server.allow_error(r"supervisor .*process died")
        alice = await stage.client_on(1, server, "alice", "/where")
        bob = await stage.client_on(2, server, "bob", "/where")
        pid = server.workers()[1]
        os.kill(pid, signal.SIGSTOP)
        begun = time.monotonic()
        while server.workers().get(1, pid) == pid:
            await bob.data("echo", "still there?")
            if time.monotonic() - begun > 60:
                raise Failed("nobody noticed that the worker is stopped")
            await asyncio.sleep(0.05)
        took = time.monotonic() - begun
        check(took > 28, f"it got its thirty seconds, not {took:.1f}")
        await alice.is_closed(1006)
        carol = await stage.client_on(1, server, "carol", "/where")
        await carol.data("echo", "you are new")
        stage.tell("noticed_after", round(took, 1))
