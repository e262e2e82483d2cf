# SPDX-License-Identifier: MIT
"""Of two workers one after the other is killed under load: each is replaced within a second, the
clients of the other lose nothing, and the counts are exact afterwards."""
import asyncio
import json
import os
import signal
import time

import websockets

from server import patient
from stage import Failed, equal

DEADLINE = 300
YOUNG = 1.1  # a worker that dies younger than a second is replaced later and later


class Talker:
    """Says a number after the other and hears each come back, in order, until told to stop."""

    def __init__(self, actor):
        self.actor = actor
        self.said = 0
        self.is_over = False

    async def talk(self):
        while not self.is_over:
            self.said += 1
            equal(await self.actor.data("echo", self.said, within=5), self.said, "the echo")


async def serves(server, number, pid, killed):
    """Returns when another worker of this number has answered a client; a second is what it has."""
    while True:
        left = killed + patient(1) - time.monotonic()
        if left <= 0:
            raise Failed(f"worker {number} was not replaced within a second")
        if server.workers().get(number, pid) == pid:
            await asyncio.sleep(0.005)
            continue
        try:
            async with websockets.connect(server.url("/where"), ping_interval=None,
                                          open_timeout=left, close_timeout=1) as line:
                await line.send(json.dumps({"event": "worker", "id": 1}))
                answer = json.loads(await asyncio.wait_for(line.recv(), left))
                if answer["data"] == number:
                    return time.monotonic() - killed
        except (OSError, asyncio.TimeoutError, websockets.WebSocketException):
            # On the socket of the one that is being replaced it may have been accepted already.
            await asyncio.sleep(0.005)


async def play(stage):
    kills = stage.count("kills", 5, 100)
    crowd = stage.count("clients", 10, 20)
    slowest = 0
    async with stage.server(workers=2) as server:
        server.allow_error(r"supervisor .*process died")
        born = {1: time.monotonic(), 2: time.monotonic()}
        talkers = {1: [], 2: []}

        async def gather(number):
            for i in range(crowd):
                actor = await stage.client_on(number, server, f"sam{number}{i}", "/where")
                talker = Talker(actor)
                talker.task = asyncio.create_task(talker.talk())
                talkers[number].append(talker)

        await gather(1)
        await gather(2)
        said = 0
        for round_number in range(kills):
            victim, other = (1, 2) if round_number % 2 == 0 else (2, 1)
            await asyncio.sleep(max(0, born[victim] + YOUNG - time.monotonic()))
            pid = server.workers()[victim]
            killed = time.monotonic()
            os.kill(pid, signal.SIGKILL)
            slowest = max(slowest, await serves(server, victim, pid, killed))
            born[victim] = time.monotonic()
            lost = await asyncio.gather(*(talker.task for talker in talkers[victim]),
                                        return_exceptions=True)
            equal(all(isinstance(one, (Failed, websockets.ConnectionClosed)) for one in lost),
                  True, "all clients of the killed worker are gone")
            said += sum(talker.said for talker in talkers[victim])
            talkers[victim] = []
            for talker in talkers[other]:
                if talker.task.done():
                    await talker.task
                    raise Failed("a client of the other worker stopped talking")
            await server.metric_becomes("ws_connections", crowd)
            await gather(victim)
        everybody = talkers[1] + talkers[2]
        for talker in everybody:
            talker.is_over = True
        await stage.within(10, asyncio.gather(*(talker.task for talker in everybody)), "the end")
        said += sum(talker.said for talker in everybody)
        await server.metric_becomes("ws_connections", 2 * crowd)
        equal(await server.metric("tidegate_worker_restarts_total"), kills, "restarts")
        for talker in everybody:
            await talker.actor.leave()
        await server.metric_becomes("ws_connections", 0)
        stage.tell("said", said)
        stage.tell("slowest", round(slowest, 3))
