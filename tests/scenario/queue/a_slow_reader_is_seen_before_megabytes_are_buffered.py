# SPDX-License-Identifier: MIT
"""Sam has a receive buffer of 4 KiB and never reads. He is evicted when the kernel holds a quarter
of a MiB for him and his queue is full, not megabytes later, and a friend hears every message."""
import json

from raw import TEXT, frame
from stage import check, equal


async def play(stage):
    messages, octets = 64, 1000
    async with stage.server(outbound_messages=messages) as server:
        sam = await stage.raw(server, "/flood", receive_buffer=4096)
        sam.send(frame(TEXT, '{"event":"stand","id":1}'))
        await sam.read_frame()
        sam.send(frame(TEXT, '{"event":"worker","id":2}'))
        worker = json.loads((await sam.read_frame()).payload)["data"]
        sam.stall()
        friend = await stage.client(server, "friend", "/flood")
        await friend.data("join")
        pourer = await stage.client_on(worker, server, "pourer", "/flood")
        poured = 0
        # What the kernel keeps, the queue, and as much again for what the two ends have received.
        limit = (2 * 256 * 1024) // octets + 2 * messages
        while poured < limit:
            for _ in range(16):
                await pourer.send("pour", {"number": poured, "bytes": octets})
                poured += 1
            await pourer.heard_nothing()
            for number in range(poured - 16, poured):
                got = await friend.hears("drop")
                equal(got["number"], number, "the friend's next drop")
            if await server.metric('ws_closed_total{reason="slow_client"}') == 1:
                break
        stage.tell("poured", poured)
        check(poured < limit, f"sam was not evicted after {poured} messages")
        check(poured > messages, f"sam was evicted after {poured} messages")
        sam.hang_up()
