# SPDX-License-Identifier: MIT
"""The admin process is killed: clients notice nothing, and the metrics page comes back on its
port."""
import asyncio
import http.client
import os
import signal
import time

from stage import Failed, equal


async def play(stage):
    async with stage.server() as server:
        server.allow_error("admin")
        alice = await stage.client(server, "alice", "/north")
        (admin,) = [pid for pid, name in server.children().items() if name == "tidegate-admin"]
        os.kill(admin, signal.SIGKILL)
        killed = time.monotonic()
        while True:
            try:
                values = await server.metrics()
                break
            except (OSError, http.client.HTTPException):
                if time.monotonic() - killed > 3:
                    raise Failed("the metrics page did not come back") from None
                await asyncio.sleep(0.02)
        equal(values["ws_connections"], 1, "connections")
        await alice.heard_nothing()
