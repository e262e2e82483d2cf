# SPDX-License-Identifier: MIT
"""Sam answers nothing and is closed with 4008 for being idle; Paula says nothing either, but her
library answers pings, and she stays."""
import time

from stage import check, equal


async def play(stage):
    async with stage.server(ping_interval="200ms", idle_timeout="700ms") as server:
        paula = await stage.client(server, "paula", "/north")
        begun = time.monotonic()
        sam = await stage.raw(server, "/north")
        code = await sam.until_close()
        took = time.monotonic() - begun
        equal(code, 4008, "sam's close code")
        equal(sam.close_reason, "idle", "sam's close reason")
        check(0.65 < took < 1.6, f"sam was closed after {took:.2f} s")
        await server.metric_becomes('ws_closed_total{reason="idle"}', 1)
        dave = await stage.raw(server, "/north")
        equal(await dave.until_close(), 4008, "dave's close code")
        await paula.heard_nothing()
        equal(await server.metric('ws_closed_total{reason="idle"}'), 2, "idle clients")
