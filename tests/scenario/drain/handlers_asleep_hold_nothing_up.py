# SPDX-License-Identifier: MIT
"""A drain finds handlers asleep for an hour, in events, on_connect and on_disconnect: everybody is
told 1001, the server ends in time and clean."""
import signal
import time

from stage import check, equal


async def play(stage):
    async with stage.server(close_deadline="500ms", drain_deadline="3s") as server:
        hour = 3600000
        alice = await stage.client(server, "alice", "/life?name=alice")
        await alice.send("nap", hour)
        bob = await stage.client(server, "bob", f"/life?name=bob&connect={hour}")
        carol = await stage.client(server, "carol", f"/life?name=carol&disconnect={hour}")
        await carol.data("note", "is in")
        dave = await stage.client(server, "dave", f"/life?name=dave&disconnect={hour}")
        await dave.leave()
        timer = await stage.client(server, "erin", "/timer")
        await timer.data("after", hour)
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        for actor in (alice, bob, carol, timer):
            await actor.is_closed(1001, "server is going away")
        await server.stop(sent=None, within=6)
        equal(server.process.returncode, 0, "exit code")
        check(time.monotonic() - begun < 5, "in time")
