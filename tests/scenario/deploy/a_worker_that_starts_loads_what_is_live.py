# SPDX-License-Identifier: MIT
"""The disk holds another version than what is live, since nobody watches it: a worker that is
killed is replaced by one that runs what the other runs. SIGHUP then brings the disk's version into
both; killed again, the next one runs that, although the whole directory has gone."""
import asyncio
import os
import shutil
import signal

import deploying
from server import Failed, patient
from stage import equal


async def replaced(server, number):
    pid = server.workers()[number]
    os.kill(pid, signal.SIGKILL)
    for _ in range(int(patient(500))):
        if server.workers().get(number, pid) != pid:
            return
        await asyncio.sleep(0.01)
    raise Failed(f"worker {number} was not replaced")


async def play(stage):
    with deploying.gateways() as root:
        async with stage.server(gateways=root, workers=2, watch="false") as server:
            server.allow_error("process died")
            alice = await stage.client_on(1, server, "alice", "/live")
            generation = await deploying.all_run([alice], 1)
            deploying.write(root, deploying.text(2))
            await replaced(server, 2)
            bob = await stage.client_on(2, server, "bob", "/live")
            equal(await deploying.all_run([alice, bob], 1), generation, "what is live")
            server.process.send_signal(signal.SIGHUP)
            generation = await deploying.all_run([alice, bob], 2)
            shutil.rmtree(os.path.join(root, "live"))
            await replaced(server, 2)
            await bob.is_closed(1006)
            carol = await stage.client_on(2, server, "carol", "/live")
            equal(await deploying.all_run([alice, carol], 2), generation, "what is live")
