# SPDX-License-Identifier: MIT
"""A gateway's file is changed while clients of two workers are connected: the next version answers
them all, nobody was closed, the counter rises by one each time, and its hash is that of the
content."""
import deploying
from stage import check, equal


async def play(stage):
    changes = stage.count("changes", 5, 50)
    with deploying.gateways() as root:
        async with stage.server(gateways=root, workers=2) as server:
            actors = [await stage.client_on(number, server, f"alice on {number}", "/live")
                      for number in (1, 2, 1, 2)]
            first = await deploying.all_run(actors, 1)
            check(first.endswith("-1"), f"the first generation is {first}")
            for version in range(2, 2 + changes):
                deploying.write(root, deploying.text(version))
                generation = await deploying.all_run(actors, version)
                equal(int(generation.rpartition("-")[2]), version, "the generation's counter")
                await server.log_says(f"supervisor deploy gateway=live .*counter={version} "
                                      '"gateway deployed"')
            deploying.write(root, deploying.text(1))
            generation = await deploying.all_run(actors, 1)
            equal(generation.partition("-")[0], first.partition("-")[0], "the hash of version 1")
            # The same content again is no deploy.
            deploying.write(root, deploying.text(1))
            deploying.write(root, deploying.text(1), name="other")
            await server.log_says('gateway=other .*step=load')
            equal(await deploying.all_run(actors, 1), generation, "what is live")
            server.allow_error("gateway=other .*step=load")
