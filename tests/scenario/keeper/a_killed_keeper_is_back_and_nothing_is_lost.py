# SPDX-License-Identifier: MIT
"""The keeper is killed again and again: clients notice nothing, what it kept stays in force, it is
back within a second, and what changed meanwhile comes in. When the supervisor is killed the keeper
goes too."""
import asyncio
import os
import signal
import tempfile
import time

import kept
from stage import check, equal


async def back(server, old=None):
    """The pid of the keeper, once it is another than the old one's, which is listed until it has
    been waited for."""
    async def ask():
        return next((pid for pid in kept.keepers(server) if pid != old), None)
    return await kept.until("the keeper's return", ask, 1)


async def play(stage):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tenants.lua")
        kept.write(path, "return { acme = {}, t = {} }\n")
        async with stage.server(tenants_file=path) as server:
            server.allow_error("process=keeper")
            alice = await stage.client(server, "alice", "/tenants", tenant="acme")
            for number in range(5):
                old = await back(server)
                await asyncio.sleep(1.1)  # one that died young is started again later and later
                os.kill(old, signal.SIGKILL)
                kept.write(path, f"return {{ acme = {{}}, t{number} = {{}} }}\n")
                await stage.refuses(403, server, "/tenants", tenant="other")
                killed = time.monotonic()
                await back(server, old)
                stage.tell(f"back_after_{number}", round(time.monotonic() - killed, 3))
                await kept.let_in(stage, server, "/tenants", tenant=f"t{number}", within=2)
            await alice.heard_nothing()
            equal(await server.metric("tidegate_worker_restarts_total"), 0, "workers replaced")
        async with stage.server(tenants_file=path) as server:
            server.expected_exit = -signal.SIGKILL
            keeper = await back(server)
            os.kill(server.pid, signal.SIGKILL)
            await stage.within(5.5, asyncio.shield(server.reading), "the end of all processes")
            await server.process.wait()
            check(not os.path.exists(f"/proc/{keeper}/exe"), "the keeper is gone")
            equal(server.process.returncode, -signal.SIGKILL, "how the supervisor ended")
