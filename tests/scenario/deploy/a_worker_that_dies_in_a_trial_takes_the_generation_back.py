# SPDX-License-Identifier: MIT
"""The next generation is compiled and doesn't come back from a call: the supervisor kills that
worker, and at once the generation before is live again, in the worker that lives and in the one
that is started. The gateway is not unloaded, however often that happens."""
import asyncio
import time

import deploying
from server import patient
from stage import check, equal

SPIN = """
function events.spin()
  local x = 0
  while true do x = x + 1 end
end
"""


def compiled(version):
    return deploying.text(version, SPIN).replace("events = events }",
                                                 "events = events, jit = true }")


async def play(stage):
    with deploying.gateways() as root:
        async with stage.server(gateways=root, workers=2) as server:
            for pattern in ("can't be stopped", "worker died in a gateway's code", "process died",
                            "does worse than the one before, going back"):
                server.allow_error(pattern)
            bob = await stage.client_on(2, server, "bob", "/live")
            first = await deploying.all_run([bob], 1)
            for version in range(2, 5):
                # One that dies younger than a second is replaced later.
                await asyncio.sleep(1.1)
                deploying.write(root, compiled(version))
                await deploying.all_run([bob], version)
                alice = await stage.client_on(1, server, "alice", "/live")
                lines = len(server.lines)
                await alice.send("spin")
                await alice.is_closed(1006, within=10)
                ended = time.monotonic()
                equal(await deploying.all_run([bob], 1, within=2), first, "what is live again")
                check(time.monotonic() - ended < patient(2), "within two seconds")
                await server.log_says("gateway went back to the generation before", since=lines)
                carol = await stage.client_on(1, server, "carol", "/live")
                equal(await deploying.all_run([bob, carol], 1), first, "in the new worker too")
                await carol.leave()
            values = await server.metrics()
            equal(values['gateway_rollbacks_total{gateway="live"}'], 3, "rollbacks")
            equal(values['gateway_fault{gateway="live",step="trial"}'], 1, "the fault")
            equal(values["tidegate_gateways_unloaded"], 0, "unloaded")
