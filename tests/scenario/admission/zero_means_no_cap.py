# SPDX-License-Identifier: MIT
"""With max_connections 0 nobody is refused."""
import asyncio

from stage import equal


async def play(stage):
    crowd = stage.count("clients", 150, 2000)
    async with stage.server(max_connections=0) as server:
        for _ in range(crowd // 50):
            await asyncio.gather(*(stage.client(server, "one", "/raw") for _ in range(50)))
        values = await server.metrics()
        equal(values["ws_connections"], crowd, "ws_connections")
        equal(values["ws_upgrades_refused_total"], 0, "refused")
