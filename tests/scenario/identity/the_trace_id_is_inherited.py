# SPDX-License-Identifier: MIT
"""A connection inherits its caller's trace id; garbage, and two at once, get a fresh one."""
import json
import re

from raw import TEXT, frame
from stage import check, equal

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
GARBAGE = [
    None, "", "00", f"00-{TRACE}", f"00-{TRACE.upper()}-00f067aa0ba902b7-01",
    "00-00000000000000000000000000000000-00f067aa0ba902b7-01", f"00-{TRACE}-0000000000000000-01",
    f"ff-{TRACE}-00f067aa0ba902b7-01", f"00-{TRACE[:-1]}-00f067aa0ba902b7-01",
    f"00-{TRACE}-00f067aa0ba902b7-01-extra", f"00-{TRACE[:-1]}g-00f067aa0ba902b7-01",
]


async def play(stage):
    async with stage.server() as server:
        async def trace_with(value):
            headers = {} if value is None else {"traceparent": value}
            alice = await stage.client(server, "alice", "/whoami/here", headers=headers)
            trace = (await alice.data("whoami"))["trace_id"]
            await alice.leave()
            check(re.fullmatch(r"[0-9a-f]{32}", trace), f"{trace} is a trace id")
            return trace

        equal(await trace_with(f"00-{TRACE}-00f067aa0ba902b7-01"), TRACE, "inherited")
        equal(await trace_with(f"cc-{TRACE}-00f067aa0ba902b7-01-later"), TRACE, "later version")
        fresh = [await trace_with(value) for value in GARBAGE]
        check(TRACE not in fresh, "garbage is not inherited")
        equal(len(set(fresh)), len(GARBAGE), "fresh traces are all different")
        # Two good ones are none, since nobody can say which one counts, and refuse nobody.
        good = f"00-{TRACE}-00f067aa0ba902b7-01"
        peer = await stage.raw(server, "/whoami/here", headers={"traceparent": [good, good]})
        peer.send(frame(TEXT, '{"event":"whoami","id":1}'))
        seen = json.loads((await peer.read_frame()).payload)["data"]["trace_id"]
        check(re.fullmatch(r"[0-9a-f]{32}", seen) and seen != TRACE, "two are a new root")
        peer.hang_up()
        stage.tell("garbage", len(GARBAGE))
