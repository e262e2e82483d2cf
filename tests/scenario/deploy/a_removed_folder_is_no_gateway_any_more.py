# SPDX-License-Identifier: MIT
"""A gateway's folder is taken away: after deploy.remove_after its sockets are closed with 1012 and
its path leads nowhere, while the other gateway serves on. Back again it is a gateway whose counter
goes on. When the whole directory goes, nothing is removed."""
import os
import shutil

import deploying
from stage import check, equal

ELSE = 'return { path = "/else", events = { ping = function() return "pong" end } }\n'


async def play(stage):
    with deploying.gateways() as root:
        deploying.write(root, ELSE, name="else")
        async with stage.server(gateways=root, workers=2, deploy_remove_after="1s") as server:
            actors = await stage.client_on_each(server, "alice", "/live")
            bob = await stage.client(server, "bob", "/else")
            shutil.rmtree(os.path.join(root, "live"))
            for actor in actors:
                await actor.is_closed(1012, within=5)
            await stage.refuses(404, server, "/live")
            equal(await bob.data("ping"), "pong", "the other gateway")
            await server.metric_becomes("gateway_root_fault", 0)
            values = await server.metrics()
            check('gateway_trial{gateway="else"}' in values, "the other gateway has its series")
            deploying.write(root, deploying.text(1))
            await server.log_says("gateway=live .*counter=2 .*gateway deployed")
            actors = await stage.client_on_each(server, "carol", "/live")
            generation = await deploying.all_run(actors, 1)
            check(generation.endswith("-2"), f"{generation} is the second")
            server.allow_error("the gateways' root is in no order")
            os.rename(root, root + "-away")
            try:
                await server.metric_becomes("gateway_root_fault", 1)
                equal(await deploying.all_run(actors, 1), generation, "what is live")
            finally:
                os.rename(root + "-away", root)
            await server.metric_becomes("gateway_root_fault", 0)
            equal(await deploying.all_run(actors, 1), generation, "what is live")
