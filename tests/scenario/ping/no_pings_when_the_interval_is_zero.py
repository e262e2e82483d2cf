# SPDX-License-Identifier: MIT
"""With ping_interval 0 a client never gets a ping, and with idle_timeout 0 it may be silent."""
import asyncio

from stage import Failed, equal


async def play(stage):
    async with stage.server(ping_interval=0, idle_timeout=0) as server:
        alice = await stage.raw(server, "/north")
        try:
            got = await alice.read_frame(within=1.2)
            raise Failed(f"alice got {got}")
        except asyncio.TimeoutError:
            pass
        values = await server.metrics()
        equal(values["ws_pings_total"], 0, "pings")
        equal(values["ws_connections"], 1, "alice is still there")
