# SPDX-License-Identifier: MIT
"""On SIGTERM everybody is told 1001, what was sent before comes first, new connections are refused,
and the server ends with exit code 0 well within its deadline."""
import asyncio
import signal
import time

from stage import Failed, check, equal


async def play(stage):
    crowd = stage.count("clients", 200, 2000)
    async with stage.server(drain_deadline="10s") as server:
        actors = []
        for _ in range(0, crowd, 50):
            actors += await asyncio.gather(
                *(stage.client(server, "someone", "/north") for _ in range(50))
            )
        alice = await stage.client(server, "alice", "/north")
        await alice.send("announce", "goodbye")
        await alice.hears("announced", "goodbye")
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        await server.log_says(r'worker-\d+ .*"draining"', count=server.worker_count)
        try:
            await asyncio.wait_for(asyncio.open_connection("127.0.0.1", server.port), 2)
            raise Failed("a connection was accepted during the drain")
        except ConnectionError:
            pass
        for actor in actors:
            await actor.hears("announced", "goodbye")
            await actor.is_closed(1001, "server is going away", within=8)
        await alice.is_closed(1001, "server is going away", within=8)
        await server.stop(sent=None)
        took = time.monotonic() - begun
        equal(server.process.returncode, 0, "exit code")
        check(took < 7, f"the drain took {took:.1f} s")
        stage.tell("drain_seconds", round(took, 2))
