# SPDX-License-Identifier: MIT
"""The next generation fails one in three messages: within two seconds of the breach the one before
is live again in all workers, with its counter, its timers and its clients' state; nobody is closed.
The content isn't tried again, neither when it is written anew nor on SIGHUP; another one is."""
import asyncio
import signal
import time

import deploying
from server import patient
from stage import check, equal

WORKING = """
function events.work(client)
  client.state.count = (client.state.count or 0) + 1
  if %s and client.state.count %% 3 == 0 then error("one in three") end
  return client.state.count
end
"""
CLIENTS = 6
CALLS = 50


async def work(actor, counts, until):
    """Calls until the event is set; notes when calls enough have been answered by a generation
    that fails."""
    while not until.is_set():
        answer = await actor.request("work")
        counts["calls"] += 1
        if "error" in answer:
            counts["errors"] += 1
            counts["begun"] = counts["begun"] or time.monotonic()
            counts["first"] = counts["first"] or counts["calls"]
        if counts["first"] and counts["calls"] - counts["first"] >= CALLS:
            counts["breach"] = counts["breach"] or time.monotonic()
        await asyncio.sleep(0.005)


async def play(stage):
    with deploying.gateways(deploying.text(1, WORKING % "false")) as root:
        async with stage.server(gateways=root, workers=2) as server:
            actors = [await stage.client_on(1 + i % 2, server, f"client {i}", "/live")
                      for i in range(CLIENTS)]
            first = await deploying.all_run(actors, 1)
            counts = dict.fromkeys(("calls", "errors", "begun", "first", "breach"), 0)
            over = asyncio.Event()
            workers = [asyncio.create_task(work(actor, counts, over)) for actor in actors]
            await asyncio.sleep(0.3)
            equal(counts["errors"], 0, "errors of the first generation")
            bad = deploying.text(2, WORKING % "true")
            deploying.write(root, bad)
            server.allow_error("generation does worse than the one before, going back")
            server.allow_error("one in three")
            line = await server.log_says('supervisor deploy gateway=live .*"gateway went back', 15)
            took = time.monotonic() - counts["breach"]
            over.set()
            await asyncio.gather(*workers)
            check("counter=1" in line, f"it goes back to the first: {line}")
            check(counts["breach"] > 0 and took < patient(2), f"within two seconds, not {took:.2f}")
            stage.tell("rolled_back_after", round(took, 2))
            equal(await deploying.all_run(actors, 1), first, "what is live")
            for actor in actors:
                check(await actor.data("work") > 10, "the client's state stayed")
            equal(await server.metric('gateway_rollbacks_total{gateway="live"}'), 1, "rollbacks")
            equal(await server.metric('gateway_fault{gateway="live",step="trial"}'), 1, "the fault")
            # Not again: not by the same content, nor by a rescan.
            deploying.write(root, bad)
            server.process.send_signal(signal.SIGHUP)
            await server.log_says("generation is not tried again until the folder changes")
            equal(await deploying.all_run(actors, 1), first, "what is live")
            deploying.write(root, deploying.text(3, WORKING % "false"))
            await deploying.all_run(actors, 3)
            equal(await server.metric('gateway_deploys_total{gateway="live"}'), 2, "deploys")
