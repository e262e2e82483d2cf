# SPDX-License-Identifier: MIT
"""Sam's kernel refuses octets, but his queue never fills up: he goes at the write deadline."""
import time

from stage import check

ONE_WORKER = "a handler fills the queue of a client of its own worker"


async def play(stage):
    async with stage.server(write_deadline="600ms", outbound_bytes="64MiB",
                            outbound_messages=65535) as server:
        sam = await stage.raw(server, "/flood", receive_buffer=4096)
        from raw import TEXT, frame
        sam.send(frame(TEXT, '{"event":"stand","id":1}'))
        await sam.read_frame()
        sam.stall()
        pourer = await stage.client(server, "pourer", "/flood")
        begun = time.monotonic()
        await pourer.data("drown", {"messages": 30, "bytes": 1000000}, within=10)
        await server.metric_becomes('ws_closed_total{reason="write_deadline"}', 1, within=5)
        took = time.monotonic() - begun
        check(took > 0.5, f"dropped after {took:.2f} s, before the deadline")
        await server.metric_becomes("ws_connections", 1)
        sam.hang_up()
