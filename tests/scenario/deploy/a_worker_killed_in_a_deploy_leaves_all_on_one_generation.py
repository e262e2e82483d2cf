# SPDX-License-Identifier: MIT
"""A worker is halted, and killed there: when it is about to load a candidate, when it stands ready
and the other one is not, when it has seen the commit and not switched, and when it has just
switched. Each time all workers, the new one too, end on the same generation, which is the one that
was committed."""
import asyncio
import os
import signal
import tempfile

import deploying
from server import Failed, patient
from stage import check, equal


async def is_there(path):
    for _ in range(int(patient(500))):
        if os.path.exists(path):
            return
        await asyncio.sleep(0.01)
    raise Failed("no worker came to the point where it halts")


async def another_worker(server, number, before):
    for _ in range(int(patient(500))):
        pid = server.workers().get(number, before)
        if pid != before:
            return
        await asyncio.sleep(0.01)
    raise Failed(f"worker {number} was not replaced")


async def killed_at(stage, point, number, resumes=False):
    """The worker with that number halts at the point. It is killed there; or, resumes, the other
    one is killed meanwhile, and it goes on."""
    other = 3 - number
    with deploying.gateways() as root, tempfile.TemporaryDirectory() as place:
        mark = os.path.join(place, "halted")
        os.environ.update(HALT_POINT=point, HALT_PROCESS=f"tidegate-w{number}", HALT_MARK=mark)
        async with stage.server(gateways=root, workers=2) as server:
            server.allow_error("process died")
            victim = other if resumes else number
            stays = await stage.client_on(3 - victim, server, "alice", "/live")
            goes = await stage.client_on(victim, server, "bob", "/live")
            pids = server.workers()
            deploying.write(root, deploying.text(2))
            await is_there(mark)
            if point == "prepare":
                equal((await (goes if resumes else stays).data("which"))["version"], 1,
                      "what is live before the commit")
            os.kill(pids[victim], signal.SIGKILL)
            if resumes:
                await another_worker(server, victim, pids[victim])
                os.kill(pids[number], signal.SIGCONT)
            await goes.is_closed(1006)
            await another_worker(server, victim, pids[victim])
            carol = await stage.client_on(victim, server, "carol", "/live")
            generation = await deploying.all_run([stays, carol], 2)
            check(generation.endswith("-2"), f"{generation} is the second")
            # And the next change finds both.
            deploying.write(root, deploying.text(3))
            generation = await deploying.all_run([stays, carol], 3)
            check(generation.endswith("-3"), f"{generation} is the third")
            equal(server.workers().keys(), {1, 2}, "workers")


async def play(stage):
    path = os.environ.get("TIDEGATE_HALTS", "")
    if not os.access(path, os.X_OK):
        raise Failed("TIDEGATE_HALTS names no program")
    os.environ["TIDEGATE"] = path
    for point in ("prepare", "voted", "commit", "committed"):
        await killed_at(stage, point, 2)
    # Worker 1 is ready and dies while worker 2 has not voted yet: its successor votes anew.
    await killed_at(stage, "prepare", 2, resumes=True)
