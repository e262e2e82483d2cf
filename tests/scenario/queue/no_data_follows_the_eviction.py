# SPDX-License-Identifier: MIT
"""Sam's queue overflows in the middle of a burst: he gets the messages before it, or none of them,
and then 1013; nothing that was sent after it."""
from raw import CLOSE, TEXT, frame
from stage import check, equal

ONE_WORKER = "a handler fills the queue of a client of its own worker"


async def play(stage):
    async with stage.server(outbound_messages=5) as server:
        sam = await stage.raw(server, "/flood")
        sam.send(frame(TEXT, '{"event":"stand","id":1}'))
        equal((await sam.read_frame()).opcode, TEXT, "the answer")
        pourer = await stage.client(server, "pourer", "/flood")
        await pourer.data("drown", {"messages": 300, "bytes": 10})
        for _ in range(3):
            await pourer.data("drown", {"messages": 1, "bytes": 10})
        equal(await sam.until_close(), 1013, "the close code")
        check(len(sam.frames) <= 5, f"{len(sam.frames)} messages before the end")
        sam.send(frame(CLOSE, b"\x03\xf5"))
        equal(await sam.until_end(), b"", "octets after the close frame")
