# SPDX-License-Identifier: MIT
"""The supervisor is killed, without a chance to tell anybody: its processes leave too, all of them,
within five seconds, however long a drain may take, whoever does not answer, and although a handler
never returns; the port is free."""
import asyncio
import os
import signal

import raw
from stage import Failed, equal


async def supervisor_dies(stage, workers, drain_deadline, spins=False):
    async with stage.server(workers=workers, drain_deadline=drain_deadline,
                            close_deadline="60s") as server:
        server.expected_exit = -signal.SIGKILL
        if spins:
            sam = await stage.client_on(1, server, "sam", "/where")
            alice = await stage.client_on(2, server, "alice", "/where")
            await sam.send("spin")
            await asyncio.sleep(0.2)
        else:
            alice = await stage.client(server, "alice", "/north")
        for _ in range(0 if spins else 20):
            mute = await stage.raw(server, "/north")
            mute.stall()
        pids = list(server.children())
        equal(len(pids), workers + 2, "processes: workers, admin, deployer")
        os.kill(server.pid, signal.SIGKILL)
        await alice.is_closed(1001, within=5)
        # They all hold the log's other end: it ends with the last of them.
        await stage.within(5.5, asyncio.shield(server.reading), "the end of all processes")
        await server.process.wait()
        for pid in pids:
            if os.path.exists(f"/proc/{pid}/exe"):
                raise Failed(f"process {pid} is still there")
        try:
            await asyncio.open_connection("127.0.0.1", server.port)
            raise Failed("somebody still listens")
        except ConnectionRefusedError:
            pass
        equal(server.process.returncode, -signal.SIGKILL, "how the supervisor ended")


async def play(stage):
    await supervisor_dies(stage, 1, "2s")
    await supervisor_dies(stage, 2, "1h")
    await supervisor_dies(stage, 2, "1h", spins=True)
