# SPDX-License-Identifier: MIT
"""The only generation of a gateway kills three workers within a minute: there is nothing to go back
to, so it is unloaded, and its handshakes get 503. The same content is not deployed again, another
one is: the gateway is back in all workers."""
import asyncio

import deploying
from stage import check, equal

SPIN = """
function events.spin()
  local x = 0
  while true do x = x + 1 end
end
"""
COMPILED = deploying.text(1, SPIN).replace("events = events }", "events = events, jit = true }")


async def play(stage):
    with deploying.gateways(COMPILED) as root:
        async with stage.server(gateways=root, workers=2) as server:
            for pattern in ("can't be stopped", "worker died in a gateway's code", "process died",
                            "gateway unloaded"):
                server.allow_error(pattern)
            for _ in range(3):
                await asyncio.sleep(1.1)  # who dies younger than a second is replaced later
                alice = await stage.client_on(1, server, "alice", "/live")
                await alice.send("spin")
                await alice.is_closed(1006, within=10)
            await server.log_says("gateway unloaded")
            await server.metric_becomes("tidegate_gateways_unloaded", 1)
            await asyncio.sleep(1.2)  # workers look once a second
            status, _, _ = await stage.answer(server, "/live")
            equal(status, 503, "the handshake")
            deploying.write(root, deploying.text(2))
            await server.log_says("gateway=live .*counter=2 .*gateway deployed")
            actors = await stage.client_on_each(server, "bob", "/live")
            generation = await deploying.all_run(actors, 2)
            check(generation.endswith("-2"), f"{generation} is the second")
            # It is nothing to go back to, and proven at once.
            values = await server.metrics()
            equal(values['gateway_trial{gateway="live"}'], 0, "a trial")
            server.allow_error("too many workers died in it")
            deploying.write(root, COMPILED)
            await server.log_says("too many workers died in it")
            equal(await deploying.all_run(actors, 2), generation, "what is live")
