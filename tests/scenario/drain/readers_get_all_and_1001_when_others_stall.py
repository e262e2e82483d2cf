# SPDX-License-Identifier: MIT
"""Every tenth client has stopped reading when the server is told to stop, and much is on its way to
all of them. Each reader gets every message, in order, and then 1001; those who stall, some with
more than the kernel takes, hold the end up no longer than the drain's deadline."""
import asyncio
import json
import os
import signal
import time

from raw import TEXT, frame
from stage import check, equal

DEADLINE = 110
AT_ONCE = 50
DRAIN_S = 8  # with longer write and close deadlines: nothing else ends who stalls
MESSAGES, OCTETS = 40, 8192
DROWNED = {"messages": 70, "bytes": 60000}


class Crowd:
    def __init__(self, stage, server):
        self.stage = stage
        self.server = server
        self.asked = 0

    async def stalled(self, is_drowned):
        """In the room, with a small window, and reads nothing more."""
        peer = await self.stage.raw(self.server, "/flood", receive_buffer=4096)
        peer.send(frame(TEXT, '{"event": "stand", "id": 1}'))
        answer = await peer.read_frame()
        equal(json.loads(answer.payload), {"id": 1, "data": True}, "the answer")
        peer.stall()
        self.asked += 1
        if is_drowned:
            peer.send(frame(TEXT, json.dumps({"event": "drown", "data": DROWNED})))
            self.asked += 1
            await self.server.metric_becomes("ws_messages_in_total", self.asked)
        return peer

    async def reader(self, number):
        reader = await self.stage.client(self.server, f"reader {number}", "/flood",
                                         compression=None)
        equal(await reader.data("join", within=10), True, "the answer")
        return reader


async def pour(pourer):
    """Many messages to everybody. The last one's answer says that all are accepted."""
    await pourer.data("stand")
    for number in range(MESSAGES):
        await pourer.ask("pour", {"number": number, "bytes": OCTETS})
        equal((await pourer.hears("drop", within=10))["number"], number, "the pourer's drop")
        equal(await pourer.answer(pourer.last_id, within=10), {"data": True}, "accepted")


async def reads_all(reader):
    for number in range(MESSAGES):
        drop = await reader.hears("drop", within=DRAIN_S)
        equal((drop["number"], len(drop["text"])), (number, OCTETS), "the next drop")
    await reader.is_closed(1001, "server is going away", within=DRAIN_S)


def end_of(pid):
    """When the process ended, told by a thread: the readers keep the loop busy."""
    try:
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    except ChildProcessError:
        pass  # the loop's own watcher has just collected it
    return time.monotonic()


async def play(stage):
    size = stage.count("clients", 200, 2000)
    stuck = size // 10
    async with stage.server(drain_deadline=f"{DRAIN_S}s", close_deadline="1m",
                            write_deadline="5m", outbound_bytes="8MiB", log_level="info") as server:
        crowd = Crowd(stage, server)
        for number in range(stuck):
            await crowd.stalled(is_drowned=number % 10 == 0)
        drowned = (stuck + 9) // 10 * DROWNED["messages"] * DROWNED["bytes"]
        waiting = drowned - await server.metric("ws_sent_bytes_total")
        stage.tell("bytes_waiting", int(waiting))
        check(waiting > drowned // 10, "the kernel refuses some of what the stalled are sent")
        readers = []
        for start in range(0, size - stuck, AT_ONCE):
            numbers = range(start, min(start + AT_ONCE, size - stuck))
            readers += await asyncio.gather(*(crowd.reader(number) for number in numbers))
        await pour(await stage.client(server, "pourer", "/flood", compression=None))
        equal(await server.metric("ws_connections"), size + 1, "everybody is there")

        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        ended = asyncio.create_task(asyncio.to_thread(end_of, server.pid))
        await asyncio.gather(*(reads_all(reader) for reader in readers))
        stage.tell("readers_seconds", round(time.monotonic() - begun, 2))
        took = await stage.within(DRAIN_S + 1, ended, "the end") - begun
        stage.tell("drain_seconds", round(took, 2))
        check(DRAIN_S - 1 < took <= DRAIN_S + 1, f"the drain took {took:.1f} s")
        await server.stop(sent=None)
        equal(server.process.returncode, 0, "exit code")
