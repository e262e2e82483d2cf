# SPDX-License-Identifier: MIT
"""The supervisor is killed, without a chance to tell anybody: its processes leave too, all of them,
and the port is free."""
import asyncio
import os
import signal

from stage import Failed, equal


async def play(stage):
    async with stage.server(drain_deadline="2s") as server:
        server.expected_exit = -signal.SIGKILL
        alice = await stage.client(server, "alice", "/north")
        pids = list(server.children())
        os.kill(server.pid, signal.SIGKILL)
        await alice.drain()
        # They all hold the log's other end: it ends with the last of them.
        await stage.within(6, asyncio.shield(server.reading), "the end of all processes")
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
