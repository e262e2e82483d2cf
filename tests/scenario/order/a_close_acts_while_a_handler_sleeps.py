# SPDX-License-Identifier: MIT
"""While one of Alice's handlers sleeps she closes, and her close is echoed at once. on_disconnect
waits until the handler has ended; what she said after it was asleep is not handled any more."""
import json
import time

from raw import CLOSE, PING, PONG, TEXT, close_payload, frame
from stage import check, equal


async def play(stage):
    async with stage.server() as server:
        witnesses = await stage.client_on_each(server, "witness", "/life?name=witness")

        async def journal():
            return sum([await witness.data("journal", "alice") for witness in witnesses], [])

        alice = await stage.raw(server, "/life?name=alice")
        begun = time.monotonic()
        alice.send(frame(TEXT, json.dumps({"event": "nap", "data": 600, "id": 1})))
        alice.send(frame(TEXT, json.dumps({"event": "note", "data": "is too late"})))
        alice.send(frame(PING, "awake?"))
        equal((await alice.read_frame()).opcode, PONG, "the ping is answered")
        alice.send(frame(CLOSE, close_payload(4005)))
        equal(await alice.until_close(), 4005, "the echo")
        check(time.monotonic() - begun < 0.5, "the echo came at once")
        equal(alice.frames, [], "answers")
        equal(await journal(), ["enters", "falls asleep"], "while asleep")
        for witness in witnesses:
            await witness.hears("left", "alice")
            await witness.hears("missed", "alice")
        check(time.monotonic() - begun > 0.55, "on_disconnect waited")
        equal(await journal(),
              ["enters", "falls asleep", "wakes up", "leaves by client_closed from hall"],
              "the end")
        await server.metric_becomes("ws_connections", len(witnesses))
