# SPDX-License-Identifier: MIT
"""A gateway's file is broken: what was live serves on, the log names gateway, step, file and line,
a metric stands until the file is mended, and a new folder that is broken is no gateway."""
import deploying
from stage import equal


async def play(stage):
    with deploying.gateways() as root:
        async with stage.server(gateways=root, workers=2) as server:
            actors = await stage.client_on_each(server, "alice", "/live")
            generation = await deploying.all_run(actors, 1)
            server.allow_error("deploy failed, what was live stays")
            deploying.write(root, "local t = nil\nreturn t.x\n")
            await server.log_says("error supervisor deploy gateway=live generation=[0-9a-f]{12} "
                                  "counter=0 step=load file=.*live/gateway.lua line=2 reason=")
            fault = 'gateway_fault{gateway="live",step="load"}'
            failures = 'gateway_deploy_failures_total{gateway="live",step="load"}'
            equal(await server.metric(fault), 1, "the fault")
            equal(await server.metric(failures), 1, "failures")
            equal(await deploying.all_run(actors, 1), generation, "what is live")
            deploying.write(root, "return {\n", name="fresh")
            await server.log_says("gateway=fresh .*step=load")
            await stage.refuses(404, server, "/fresh")
            deploying.write(root, deploying.text(2))
            await deploying.all_run(actors, 2)
            values = await server.metrics()
            equal([series for series in values if series.startswith("gateway_fault")],
                  ['gateway_fault{gateway="fresh",step="load"}'], "faults that stand")
            equal(values['gateway_deploys_total{gateway="live"}'], 1, "deploys")
            equal(values[failures], 1, "failures")
            # What is live already is no deploy, but the end of the fault.
            deploying.write(root, "return {\n")
            await server.log_says("gateway=live .*step=load file=.*line=", count=2)
            deploying.write(root, deploying.text(2))
            await server.log_says("info supervisor deploy gateway=live step=load .*fault is over",
                                  count=2)
            equal(await server.metric('gateway_deploys_total{gateway="live"}'), 1, "deploys")
