# SPDX-License-Identifier: MIT
"""Reload after reload, each of a changed folder, while hundreds of sockets send 50 numbered
messages per second each: no answer is lost, doubled, out of order or later than 50 ms, no socket
is closed, and the workers' memory after the last is that after the tenth. This machine's own noise
is measured in the same run, before the first reload."""
import asyncio

import folders
import numbered
from server import IS_SANITIZED
from stage import check, equal

DEADLINE = 1700
TIMEOUT = 5400
ALONE = "it judges how long sockets wait"

WORKERS = 2
MEMORY_BYTES = 5 << 20
FIRST_MEASURED = 10


async def resident_at_rest(server):
    """Of all workers, when what retires has gone."""
    await asyncio.sleep(2)
    return await server.resident_bytes()


class Reloads:
    def __init__(self, stage, server, root):
        self.stage = stage
        self.server = server
        self.root = root
        self.count = stage.count("reloads", 25, 1000)
        self.sockets = stage.count("sockets", 100, 500)
        self.counter = 1

    async def one(self, text):
        self.counter += 1
        self.root.say("echo", text)
        live = await self.server.goes_live("echo", self.counter, within=20)
        check(live["fault"] is None, f"{text} has no fault: {live['fault']}")

    async def run(self, number):
        memory = {}
        async with numbered.load(self.server, "/echo", self.sockets, baseline=5) as load:
            for at in range(1, self.count + 1):
                await self.one(f"run {number}, reload {at}")
                load.is_alive()
                if at in (FIRST_MEASURED, self.count):
                    memory[at] = await resident_at_rest(self.server)
            result = await load.end()
        grown = memory[self.count] - memory[FIRST_MEASURED]
        self.stage.tell("memory_grown_kib", grown // 1024)
        check(IS_SANITIZED or grown <= MEMORY_BYTES, f"memory grew by {grown} octets")
        alice = await self.stage.client(self.server, "alice", "/echo")
        equal(await alice.data("words"), f"run {number}, reload {self.count}", "what is live")
        await alice.leave()
        return result


async def play(stage):
    with folders.root("echo") as root:
        async with stage.server(gateways=root.path, workers=WORKERS) as server:
            await server.goes_live("echo", 1)
            await numbered.until_in_time(stage, Reloads(stage, server, root).run)
            equal(await server.metric("tidegate_worker_restarts_total"), 0, "workers replaced")
