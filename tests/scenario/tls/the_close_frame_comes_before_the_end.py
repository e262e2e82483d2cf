# SPDX-License-Identifier: MIT
"""The gateway closes Sam while much is on its way to him: he gets it all, then the close frame,
then TLS's own end, then the connection's; what he sends meanwhile changes nothing."""
import asyncio

from raw import BINARY, CLOSE, TEXT, frame
from stage import check, equal


async def play(stage):
    count = stage.count("messages", 24, 96)
    async with stage.server(tls="own", message_bytes="1MiB", outbound_bytes="256MiB",
                            close_deadline="5s") as server:
        sam = await stage.raw(server, "/raw", receive_buffer=16384)
        for number in range(count):
            sam.send(frame(BINARY, bytes([number]) * 300000))
        sam.send(frame(TEXT, "close"))
        await asyncio.sleep(0.3)  # much is in the server's hands by now
        for number in range(count):
            got = await sam.read_frame(within=10)
            check(got is not None, f"message {number} came")
            equal((got.opcode, len(got.payload)), (BINARY, 300000), f"message {number}")
            equal(got.payload.count(bytes([number])), 300000, f"octets of message {number}")
            if number == count // 2:
                check(not sam.writer.was_told_the_end, "the end comes last")
        got = await sam.read_frame()
        equal((got.opcode, got.payload), (CLOSE, b"\x0f\xa0as you wish"), "the close frame")
        sam.send(frame(TEXT, "x" * 50000))  # nobody listens any more, and nothing is reset
        equal(await sam.read_frame(), None, "the end")
        check(sam.writer.was_told_the_end, "close_notify came before the connection's end")
        check(sam.reader.exception() is None, "nothing was reset")
        await server.metric_becomes('ws_closed_total{reason="closed_by_gateway"}', 1)
