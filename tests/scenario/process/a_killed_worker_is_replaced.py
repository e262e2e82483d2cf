# SPDX-License-Identifier: MIT
"""The worker is killed: within two seconds another serves, on the same port; the seats of the dead
are free, the counters go on, and the log says what happened."""
import os
import signal
import time

import websockets

from stage import Failed, equal

ONE_WORKER = "it kills the one there is; workers/ has the others"


async def play(stage):
    rounds = stage.count("kills", 3, 20)
    async with stage.server(max_connections=2) as server:
        server.allow_error("worker")
        for number in range(rounds):
            alice = await stage.client(server, "alice", "/north")
            await stage.client(server, "bob", "/north")
            await stage.refuses(503, server, "/north")
            worker = await server.worker()
            since = len(server.lines)
            os.kill(worker, signal.SIGKILL)
            killed = time.monotonic()
            while True:
                try:
                    alice = await stage.client(server, "alice", "/north")
                    break
                except (OSError, websockets.InvalidHandshake):
                    if time.monotonic() - killed > 2:
                        raise Failed("no worker served within 2 s") from None
            await alice.heard_nothing()
            stage.tell(f"back_after_{number}", round(time.monotonic() - killed, 3))
            await server.log_says(r"error \S+ supervisor .*worker", since=since)
            equal(await server.worker() != worker, True, "it is another worker")
            await alice.leave()
            await server.metric_becomes("ws_connections", 0)
            # A worker that died young is respawned with growing delay: let this one grow up.
            await server.metric_becomes("tidegate_worker_restarts_total", number + 1)
            await stage.within(3, age(server), "the worker's first second")
        equal(await server.metric("ws_upgrades_refused_total"), rounds, "counters go on")


async def age(server):
    """Returns when the worker is older than a second, seen by its start time in /proc."""
    import asyncio
    while True:
        with open(f"/proc/{await server.worker()}/stat", encoding="ascii") as file:
            started = int(file.read().rpartition(")")[2].split()[19])
        with open("/proc/uptime", encoding="ascii") as file:
            now = float(file.read().split()[0])
        if now - started / os.sysconf("SC_CLK_TCK") > 1.1:
            return
        await asyncio.sleep(0.05)
