# SPDX-License-Identifier: MIT
"""Connections come, talk, and go in every way: descriptors, rooms and memory come back."""
import asyncio

from server import IS_SANITIZED
from stage import check, equal

TIER = "full"
DEADLINE = 240


async def play(stage):
    crowd = stage.count("connections", 2700, 20000)
    async with stage.server(max_connections=0) as server:
        async def visit(number):
            alice = await stage.client(server, "alice", "/north", tenant=f"t{number % 7}")
            await alice.data("join", f"room {number % 50}")
            await alice.ask("say", {"room": f"room {number % 50}", "text": "x" * 500})
            if number % 3 == 0:
                alice.vanish()
            else:
                await alice.leave()

        async def wave(count):
            for start in range(0, count, 100):
                await asyncio.gather(*(visit(start + i) for i in range(100)))
            await server.metric_becomes("ws_connections", 0)

        await wave(1000)
        descriptors, resident = await server.descriptor_count(), await server.resident_bytes()
        await wave(crowd)
        equal(await server.metric("ws_rooms"), 0, "rooms")
        check(abs(await server.descriptor_count() - descriptors) <= 2, "descriptors are back")
        grown = await server.resident_bytes() - resident
        stage.tell("grown_kib", grown // 1024)
        check(IS_SANITIZED or grown < 4 << 20, f"memory grew by {grown} octets")
