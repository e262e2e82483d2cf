# SPDX-License-Identifier: MIT
"""The gateway closes Sam, who never answers and never hangs up: on_disconnect runs at once, and
the socket is gone at the close deadline, whatever Sam sends meanwhile."""
import asyncio
import json
import time

from raw import TEXT, frame
from stage import check, equal


async def play(stage):
    async with stage.server(close_deadline="500ms") as server:
        witnesses = await stage.client_on_each(server, "witness", "/life?name=witness")
        await server.metric_becomes("ws_connections", len(witnesses))
        before = await server.descriptor_count()
        sam = await stage.raw(server, "/life?name=sam")
        wish = {"event": "leave_me", "data": {"code": 4000, "reason": "x"}}
        sam.send(frame(TEXT, json.dumps(wish)))
        begun = time.monotonic()
        equal(await sam.until_close(), 4000, "sam's close code")
        for witness in witnesses:
            await witness.hears("left", "sam")
            await witness.hears("missed", "sam")
        sam.send(frame(TEXT, json.dumps({"event": "note", "data": "is too late"})))
        await server.metric_becomes("ws_connections", len(witnesses))
        while await server.descriptor_count() > before:
            check(time.monotonic() - begun < 3, "sam's socket is still held")
            await asyncio.sleep(0.02)
        check(time.monotonic() - begun > 0.4, "sam was given his time")
        journals = [await witness.data("journal", "sam") for witness in witnesses]
        equal(sum(journals, []), ["enters", "leaves by closed_by_gateway from hall"],
              "sam's journal")
        sam.hang_up()
