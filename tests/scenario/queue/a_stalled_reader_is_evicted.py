# SPDX-License-Identifier: MIT
"""Sam stands in the field and stops reading; messages pour down on everybody. Sam is evicted when
his queue is full, it was never over its cap, and Alice and Bob get every message in order."""
import asyncio

from stage import check, equal


async def play(stage):
    messages, size = 64, 65536
    async with stage.server(outbound_messages=messages, outbound_bytes=size) as server:
        sam = await stage.client(server, "sam", "/flood")
        await sam.data("stand")
        worker = await sam.data("worker")
        friends = [await stage.client_on(1, server, "alice", "/flood"),
                   await stage.client_on(server.worker_count, server, "bob", "/flood")]
        for friend in friends:
            await friend.data("join")
        sam.stall()
        pourer = await stage.client_on(worker, server, "pourer", "/flood")
        limit = stage.count("messages_at_most", 20000, 40000)
        poured = 0

        async def listen(friend, until):
            for number in range(until):
                got = await friend.hears("drop")
                equal(got["number"], number, f"{friend.name}'s next drop")

        # Poured in batches that friends drain, until the kernel's buffers for Sam are full too.
        while poured < limit:
            for _ in range(32):
                await pourer.send("pour", {"number": poured, "bytes": 1000})
                poured += 1
            await pourer.heard_nothing()
            for friend in friends:
                for number in range(poured - 32, poured):
                    got = await friend.hears("drop")
                    equal(got["number"], number, f"{friend.name}'s next drop")
            if await server.metric('ws_closed_total{reason="slow_client"}') == 1:
                break
        check(poured < limit, "sam was never evicted")
        levels = await pourer.data("levels")
        check(0 < levels["messages"] <= messages, f"messages queued at most: {levels}")
        check(0 < levels["bytes"] <= size, f"octets queued at most: {levels}")
        stage.tell("poured", poured)
        stage.tell("highest_bytes", levels["bytes"])
        # Sam finds 1013 behind what was sent before, or the connection reset.
        sam.connection.transport.resume_reading()
        await asyncio.wait_for(sam.drain(), 10)
        check(sam.connection.close_code in (1013, 1006), f"sam: {sam.connection.close_code}")
        await server.metric_becomes("ws_connections", 3, within=8)
        for friend in friends:
            await friend.heard_nothing()
