# SPDX-License-Identifier: MIT
"""Clients vanish while on_connect sleeps, and while on_disconnect does: each hook ends, each runs
once, the rooms are joined until the end, and the seat is free only then."""
import json
import time

from stage import check, equal


async def play(stage):
    crowd = stage.count("clients", 20, 300)
    async with stage.server() as server:
        witnesses = await stage.client_on_each(server, "witness", "/life?name=witness")
        begun = time.monotonic()
        for number in range(crowd):
            query = "connect=200" if number % 2 else "disconnect=200"
            sam = await stage.raw(server, f"/life?name=sam{number}&{query}")
            if number % 3:
                sam.reset()
            else:
                sam.hang_up()
        await server.metric_becomes("ws_connections", len(witnesses))
        check(time.monotonic() - begun > 0.19, "the hooks slept")
        names = sorted(f"sam{number}" for number in range(crowd))
        for witness in witnesses:
            heard = {"left": [], "missed": []}
            for _ in range(2 * crowd):
                message = json.loads(await witness.hear())
                heard[message["event"]].append(message["data"])
            equal(sorted(heard["left"]), names, "who left")
            equal(sorted(heard["missed"]), names, "who was missed")
        for number in range(crowd):
            wanted = ["enters", "is in"] if number % 2 else ["enters", "is leaving"]
            journals = [await witness.data("journal", f"sam{number}") for witness in witnesses]
            equal(sum(journals, []), wanted + ["leaves by client_gone from hall"],
                  f"sam{number}'s journal")
        equal(await witnesses[0].data("room_size", "hall"), len(witnesses), "the hall")
