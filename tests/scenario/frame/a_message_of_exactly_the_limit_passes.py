# SPDX-License-Identifier: MIT
"""A message of exactly message_bytes passes, in one frame or in pieces; one octet more closes with
1009: at the frame's header, before the octets have come. A gateway may ask for less."""
from raw import BINARY, CONTINUATION, TEXT, frame
from stage import equal


async def play(stage):
    async with stage.server(message_bytes="10KiB") as server:
        for path, limit in [("/small", 1000), ("/raw", 10240)]:
            def back(size):
                return str(size).encode() if path == "/small" else b"x" * size

            for opcode in (TEXT, BINARY):
                alice = await stage.raw(server, path)
                alice.send(frame(opcode, b"x" * limit))
                equal((await alice.read_frame()).payload == back(limit), True, f"{limit} at {path}")
                alice.send(frame(opcode, b"x" * 7, fin=False))
                alice.send(frame(CONTINUATION, b"x" * (limit - 10), fin=False))
                alice.send(frame(CONTINUATION, b"x" * 3))
                equal((await alice.read_frame()).payload == back(limit), True, "in pieces")
                alice.send(frame(opcode, b"x" * (limit + 1)))
                equal(await alice.until_close(), 1009, "one more")
                alice.hang_up()

                alice = await stage.raw(server, path)
                alice.send(frame(opcode, b"x" * limit, fin=False))
                alice.send(frame(CONTINUATION, b"", length=1))
                equal(await alice.until_close(), 1009, "one more by fragments, promised only")
                equal(alice.frames, [], "nothing was handed over")
                alice.hang_up()
        await server.metric_becomes('ws_closed_total{reason="too_big"}', 8)
