# SPDX-License-Identifier: MIT
"""The worker is stopped for longer than the idle timeout, as a paused machine would; its clients
went on sending. Nobody is taken for idle; who is silent after that is."""
import asyncio
import os
import signal

from stage import equal

ONE_WORKER = "the one that is stopped has all the clients"


async def play(stage):
    async with stage.server(idle_timeout="2s", ping_interval="0") as server:
        talkers = [await stage.client(server, f"talker-{n}", "/north") for n in range(20)]
        silent = await stage.raw(server, "/north")
        worker = await server.worker()
        await asyncio.sleep(1)
        os.kill(worker, signal.SIGSTOP)
        try:
            for _ in range(5):
                for talker in talkers:
                    await talker.say('{"event":"nothing"}')
                await asyncio.sleep(0.5)
        finally:
            os.kill(worker, signal.SIGCONT)
        for n, talker in enumerate(talkers):
            await talker.send("announce", n)
        for talker in talkers:
            await talker.hears("announced")
        equal(await server.metric("ws_connections") >= 20, True, "talkers are connected")
        equal(await silent.until_close(within=6), 4008, "the silent one's close code")
