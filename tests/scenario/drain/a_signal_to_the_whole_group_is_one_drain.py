# SPDX-License-Identifier: MIT
"""systemd and terminals signal every process of the group at once. Everybody is told 1001 all the
same, and /readyz says 503 meanwhile."""
import asyncio
import os
import signal

from stage import equal


async def play(stage):
    crowd = stage.count("clients", 400, 1500)
    async with stage.server(drain_deadline="6s") as server:
        actors = []
        for _ in range(0, crowd, 50):
            actors += await asyncio.gather(
                *(stage.client(server, "someone", "/north") for _ in range(50))
            )
        os.killpg(server.pid, signal.SIGTERM)
        await server.log_says('"draining"')
        equal((await server.admin("/readyz"))[0], 503, "/readyz")
        for actor in actors:
            await actor.is_closed(1001, "server is going away", within=6)
        await server.stop(sent=None)
        equal(server.process.returncode, 0, "exit code")
