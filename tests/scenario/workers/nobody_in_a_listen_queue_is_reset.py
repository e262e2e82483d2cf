# SPDX-License-Identifier: MIT
"""A worker does not come to accept its clients, and is killed: those who wait in the queue of its
listening socket are served by its successor, every one."""
import asyncio
import os
import signal

import raw
from server import patient
from stage import check, equal


async def play(stage):
    rounds = stage.count("kills", 2, 10)
    crowd = stage.count("clients", 100, 500)
    async with stage.server(workers=2) as server:
        server.allow_error(r"supervisor .*process died")
        for number in range(rounds):
            victim = number % 2 + 1
            pid = server.workers()[victim]
            os.kill(pid, signal.SIGSTOP)
            waiting = []
            for _ in range(crowd):
                peer = await raw.RawPeer.dial(server.port)
                peer.send(raw.upgrade_head(server.port, "/where"))
                waiting.append(peer)
            answered = await asyncio.gather(*(peer.read_answer(patient(1)) for peer in waiting),
                                            return_exceptions=True)
            held = [peer for peer, answer in zip(waiting, answered)
                    if isinstance(answer, asyncio.TimeoutError)]
            check(crowd // 10 < len(held) < crowd - crowd // 10,
                  f"{len(held)} of {crowd} wait for the worker that is stopped")
            equal([answer for answer in answered
                   if not isinstance(answer, asyncio.TimeoutError) and answer[0] != 101], [],
                  "answers of the other worker")
            os.kill(pid, signal.SIGKILL)
            statuses = [(await peer.read_answer(patient(3)))[0] for peer in held]
            equal(statuses, [101] * len(held), "answers of the successor")
            await server.metric_becomes("ws_connections", crowd)
            for peer in waiting:
                peer.hang_up()
            await server.metric_becomes("ws_connections", 0)
            stage.tell(f"waited_{number}", len(held))
            await asyncio.sleep(1)
