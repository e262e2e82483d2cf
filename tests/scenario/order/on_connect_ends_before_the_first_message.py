# SPDX-License-Identifier: MIT
"""Alice talks at once, while on_connect still sleeps: her messages wait, keep their order, and her
pings are answered meanwhile. Bob, who came later, is served meanwhile."""
import json

from raw import PING, PONG, TEXT, frame
from stage import equal


async def play(stage):
    async with stage.server() as server:
        words = b"".join(
            frame(TEXT, json.dumps({"event": "note", "data": f"says {i}", "id": i}))
            for i in range(20)
        )
        alice = await stage.raw(server, "/life?name=alice&connect=400",
                                glued=words + frame(PING, "hello"))
        bob = await stage.client(server, "bob", "/life?name=bob")
        await bob.data("note", "is quick")
        equal(await bob.data("journal", "alice"), ["enters"], "alice's journal while she enters")
        pong = await alice.read_frame()
        equal((pong.opcode, pong.payload), (PONG, b"hello"), "the pong comes at once")
        for i in range(20):
            equal(json.loads((await alice.read_frame()).payload), {"id": i, "data": True}, "answer")
        equal(await bob.data("journal", "alice"),
              ["enters", "is in"] + [f"says {i}" for i in range(20)], "alice's journal")
        alice.hang_up()
