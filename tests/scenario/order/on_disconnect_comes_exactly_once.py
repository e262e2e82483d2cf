# SPDX-License-Identifier: MIT
"""However a client ends, on_disconnect runs once, says why, and finds the rooms still joined."""
import asyncio
import json

from raw import CLOSE, TEXT, close_payload, frame
from server import SPECIAL
from stage import equal

CAUSES = ["client_closed", "client_gone", "client_gone", "protocol_error", "invalid_utf8",
          "too_big", "binary_refused", "slow_client", "closed_by_gateway"]


async def play(stage):
    async with stage.server(SPECIAL, outbound_messages=100) as server:
        witnesses = await stage.client_on_each(server, "witness", "/life?name=witness")

        async def end(number):
            sam = await stage.raw(server, f"/life?name=sam{number}")
            sam.send(frame(TEXT, '{"event":"note","data":"is in","id":1}'))
            await sam.read_frame()
            if number == 0:
                sam.send(frame(CLOSE, close_payload(1000)))
            elif number == 1:
                sam.reset()
            elif number == 2:
                sam.hang_up()
            elif number == 3:
                sam.send(frame(TEXT, "{}", masked=False))
                equal(await sam.until_close(), 1002, "unmasked")
            elif number == 4:
                sam.send(frame(TEXT, b"\xff"))
                equal(await sam.until_close(), 1007, "not UTF-8")
            elif number == 5:
                sam.send(frame(TEXT, b"", length=1 << 30))
                equal(await sam.until_close(), 1009, "too big")
            elif number == 6:
                sam.send(frame(2, b"octets"))
                equal(await sam.until_close(), 1003, "binary")
            elif number == 7:
                sam.send(frame(TEXT, json.dumps({"event": "flood",
                                                 "data": {"messages": 101, "bytes": 10}})))
                equal(await sam.until_close(), 1013, "slow")
            else:
                sam.send(frame(TEXT, json.dumps({"event": "leave_me",
                                                 "data": {"code": 4000, "reason": ""}})))
                equal(await sam.until_close(), 4000, "closed")
            for witness in witnesses:
                await witness.hears("left", f"sam{number}")
                await witness.hears("missed", f"sam{number}")
            if number not in (1, 2):
                sam.hang_up()

        for number in range(len(CAUSES)):
            await end(number)
        await server.metric_becomes("ws_connections", len(witnesses))
        for number, cause in enumerate(CAUSES):
            equal(await journal(witnesses, f"sam{number}"),
                  ["enters", "is in", f"leaves by {cause} from hall"], f"sam{number}'s journal")
        equal(await witnesses[0].data("room_size", "hall"), len(witnesses), "the hall")

        # While a handler sleeps: the end comes after it, once.
        sleepers = [await stage.client(server, "s", f"/life?name=sleeper{i}") for i in range(10)]
        for sleeper in sleepers:
            await sleeper.send("nap", 200)
        for number in range(10):
            while len(await journal(witnesses, f"sleeper{number}")) < 2:
                await asyncio.sleep(0.01)
        for sleeper in sleepers:
            sleeper.vanish()
        await server.metric_becomes("ws_connections", len(witnesses))
        for number in range(10):
            lines = await journal(witnesses, f"sleeper{number}")
            leaves = "leaves by client_gone from hall"
            equal(lines.count(leaves), 1, f"sleeper{number}: {lines}")
            equal(lines[-1], leaves, f"sleeper{number}: {lines}")

        # At the drain it is the log that tells.
        await stage.client(server, "alice", "/life?name=alice")
        await server.stop()
        left = [line for line in server.lines if "client left" in line]
        for name, count in (("alice", 1), ("witness", len(witnesses))):
            lines = [line for line in left if f"name={name}" in line and "cause=drain" in line]
            equal(len(lines), count, f"times that {name} left at the drain")
        equal(len([line for line in left if "name=alice" in line]), 1, "times that alice left")


async def journal(witnesses, name):
    """On whichever worker the client was. Events of others come between: skips them."""
    lines = []
    for witness in witnesses:
        await witness.ask("journal", name)
        while True:
            message = json.loads(await witness.hear())
            if message.get("id") == witness.last_id:
                lines += message["data"]
                break
    return lines
