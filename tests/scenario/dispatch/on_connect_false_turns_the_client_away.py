# SPDX-License-Identifier: MIT
"""on_connect returns false: 4403, or the code and reason it gives; on_disconnect still runs once
for each, as for every on_connect."""
from stage import equal


async def play(stage):
    async with stage.server() as server:
        for nap in ("", "&nap=1"):
            alice = await stage.client(server, "alice", "/door?how=false" + nap)
            await alice.is_closed(4403, "turned away")
            alice = await stage.client(server, "alice", "/door?how=code" + nap)
            await alice.is_closed(4321, "not today")
            alice = await stage.client(server, "alice", "/door?how=close" + nap)
            await alice.is_closed(4000, "closed while entering")
        bobs = await stage.client_on_each(server, "bob", "/door")
        await server.metric_becomes("ws_connections", len(bobs))
        left = await server.metric("ws_upgrades_total") - len(bobs)
        equal(left >= 6, True, "six came and went, and bobs on their way to a worker")
        calls = [await bob.data("disconnects") for bob in bobs]
        equal(sum(calls), left, "calls of on_disconnect")
        await server.metric_becomes('ws_closed_total{reason="turned_away"}', 4)
        equal(await server.metric("ws_handler_errors_total"), 0, "errors")
