# SPDX-License-Identifier: MIT
"""Frames of clients are masked; one that isn't closes with 1002, and its message is not handled."""
from raw import CLOSE, PING, TEXT, frame
from stage import equal


async def play(stage):
    async with stage.server() as server:
        for opcode, payload in [(TEXT, b"hello"), (TEXT, b""), (PING, b"x"), (CLOSE, b"\x03\xe8")]:
            alice = await stage.raw(server, "/raw")
            alice.send(frame(opcode, payload, masked=False))
            equal(await alice.until_close(), 1002, f"opcode {opcode}")
            equal(alice.frames, [], "answers")
            alice.hang_up()
        await server.metric_becomes('ws_closed_total{reason="protocol_error"}', 4)
