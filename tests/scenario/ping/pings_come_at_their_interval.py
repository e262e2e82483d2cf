# SPDX-License-Identifier: MIT
"""Alice gets a ping per interval, never two at once; missed ticks are skipped."""
import time

from raw import PING, PONG, frame
from stage import check, equal


async def play(stage):
    async with stage.server(ping_interval="200ms", idle_timeout="5s") as server:
        alice = await stage.raw(server, "/north")
        begun = time.monotonic()
        times = []
        for _ in range(8):
            got = await alice.read_frame(within=2)
            equal(got.opcode, PING, "what alice gets")
            alice.send(frame(PONG, got.payload))
            times.append(time.monotonic() - begun)
        length = (times[-1] - times[0]) / 7
        check(0.17 < length < 0.26, f"pings every {length:.3f} s: {times}")
        check(times[0] < 0.45, f"the first came after {times[0]:.3f} s")
        check(await server.metric("ws_pings_total") >= 8, "pings are counted")
