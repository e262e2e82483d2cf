# SPDX-License-Identifier: MIT
"""Alice talks at once, while on_connect still sleeps: her messages wait, keep their order, and her
pings are answered meanwhile. Bob is served meanwhile."""
import json

from raw import PING, PONG, TEXT, frame
from stage import equal


async def play(stage):
    async with stage.server() as server:
        words = b"".join(
            frame(TEXT, json.dumps({"event": "note", "data": f"says {i}", "id": i}))
            for i in range(20)
        )
        bobs = await stage.client_on_each(server, "bob", "/life?name=witness")

        async def journal():
            return sum([await bob.data("journal", "alice") for bob in bobs], [])

        alice = await stage.raw(server, "/life?name=alice&connect=400",
                                glued=words + frame(PING, "hello"))
        for bob in bobs:
            await bob.data("note", "is quick")
        equal(await journal(), ["enters"], "alice's journal while she enters")
        pong = await alice.read_frame()
        equal((pong.opcode, pong.payload), (PONG, b"hello"), "the pong comes at once")
        for i in range(20):
            equal(json.loads((await alice.read_frame()).payload), {"id": i, "data": True}, "answer")
        equal(await journal(),
              ["enters", "is in"] + [f"says {i}" for i in range(20)], "alice's journal")
        alice.hang_up()
