# SPDX-License-Identifier: MIT
"""Seats and gauges of a killed worker are free at once: with two workers full to the cap, one is
killed again and again, and exactly its share can be taken anew."""
import asyncio
import os
import signal
import time

from stage import Failed, equal


async def fill(stage, server, count):
    """Clients until the cap, with the worker that each is on."""
    actors = []
    for number in range(count):
        actor = await stage.client(server, f"sam{number}", "/where")
        actor.worker = await actor.data("worker")
        actors.append(actor)
    return actors


async def play(stage):
    rounds = stage.count("kills", 3, 20)
    cap = stage.count("cap", 30, 200)
    async with stage.server(workers=2, max_connections=cap) as server:
        server.allow_error(r"supervisor .*process died")
        inside = await fill(stage, server, cap)
        for number in range(rounds):
            equal({actor.worker for actor in inside}, {1, 2}, "workers with clients")
            await stage.refuses(503, server, "/where")
            victim = number % 2 + 1
            gone = [actor for actor in inside if actor.worker == victim]
            inside = [actor for actor in inside if actor.worker != victim]
            pid = server.workers()[victim]
            os.kill(pid, signal.SIGKILL)
            for actor in gone:
                await actor.is_closed(1006)
            end = time.monotonic() + 3
            while server.workers().get(victim, pid) == pid:
                if time.monotonic() > end:
                    raise Failed("the worker was not replaced")
                await asyncio.sleep(0.01)
            await server.metric_becomes("ws_connections", cap - len(gone))
            inside += await fill(stage, server, len(gone))
            equal(await server.metric("ws_connections"), cap, "ws_connections")
            await stage.refuses(503, server, "/where")
            await asyncio.sleep(1)  # one that dies younger is replaced later
        equal(await server.metric("ws_upgrades_refused_total"), 2 * rounds, "counters go on")
        for actor in inside:
            await actor.leave()
        await server.metric_becomes("ws_connections", 0)
