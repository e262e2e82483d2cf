# SPDX-License-Identifier: MIT
"""Whatever runs away is stopped: handlers, timers, on_connect, what follows a sleep. The
request is answered handler_timeout, the third time in a minute closes the client with 1011, and the
next message is served as if nothing was."""
import time

from stage import check, equal


async def play(stage):
    async with stage.server() as server:
        server.allow_error(r"runaway event=.* file=\S*/runaway/gateway\.lua line=6 .*script failed")
        pids = server.workers()
        rounds = stage.count("rounds", 2, 20)
        stopped = 0
        slowest = 0
        for _ in range(rounds):
            for event in ("spin", "caught", "after_sleep"):
                alice = await stage.client(server, "alice", "/runaway")
                bob = await stage.client(server, "bob", "/runaway")
                for _ in range(3):
                    begun = time.monotonic()
                    equal(await alice.error(event, within=10), "handler_timeout", event)
                    slowest = max(slowest, time.monotonic() - begun)
                    equal(await bob.data("echo", event), event, "the next message")
                    stopped += 1
                await alice.is_closed(1011, "a handler ran for too long")
                await bob.leave()
        carol = await stage.client(server, "carol", "/runaway")
        for _ in range(5):
            await carol.data("later")
            equal(await carol.data("echo", 1, within=10), 1, "after the timer")
            stopped += 1
        dave = await stage.client(server, "dave", "/runaway?at_once=1")
        await dave.is_closed(1011, "a handler ran for too long", within=10)
        erin = await stage.client(server, "erin", "/runaway?at_the_end=1")
        await erin.leave()
        await server.metric_becomes("ws_handler_timeouts_total", stopped + 2, within=10)
        equal(await carol.data("echo", "fine"), "fine", "the end")
        equal(await server.metric('ws_closed_total{reason="handler_timeout"}'), 3 * rounds + 1,
              "closed for it")
        equal(server.workers(), pids, "nobody was replaced")
        check(await server.metric("tidegate_worker_restarts_total") == 0, "restarts")
        stage.tell("slowest", round(slowest, 3))
