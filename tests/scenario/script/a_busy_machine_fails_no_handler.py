# SPDX-License-Identifier: MIT
"""Eight processes keep the machine busy beside handlers of 20 ms CPU time each, of 50 that they may
take: they wait for a processor for much longer than that, and none of them is stopped."""
import asyncio
import subprocess
import sys
import time

from server import before_exec, patient
from stage import check, equal

ONE_WORKER = "it measures the CPU time of the worker that a client is on"
DEADLINE = 180
BUSY = 8
HANDLERS = 85
TURNS = 200000
WANTED_MS = 20


def ran_ms(pid):
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0]) / 1e6


async def cost_ms(pid, actor, turns):
    before = ran_ms(pid)
    equal(await actor.data("burn", turns, within=60), True, "burn")
    return ran_ms(pid) - before


async def play(stage):
    async with stage.server() as server:
        pid = server.workers()[1]
        alice = await stage.client(server, "alice", "/runaway")
        quick = min([await cost_ms(pid, alice, TURNS) for _ in range(5)])
        turns = int(TURNS * WANTED_MS / quick)
        busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"],
                                 preexec_fn=lambda: before_exec(None)) for _ in range(BUSY)]
        try:
            await asyncio.sleep(0.5)
            costs, longest = [], 0
            for _ in range(HANDLERS):
                begun = time.monotonic()
                costs.append(await cost_ms(pid, alice, turns))
                longest = max(longest, time.monotonic() - begun)
        finally:
            for process in busy:
                process.kill()
                process.wait()
        mean = sum(costs) / len(costs)
        check(WANTED_MS * 0.7 < mean < patient(WANTED_MS * 2), f"they took {mean:.1f} ms each")
        equal(await server.metric("ws_handler_timeouts_total"), 0, "stopped")
        equal(await server.metric("ws_handler_errors_total"), 0, "failed")
        stage.tell("cpu_ms", round(mean, 1))
        stage.tell("longest_ms", round(longest * 1000))
