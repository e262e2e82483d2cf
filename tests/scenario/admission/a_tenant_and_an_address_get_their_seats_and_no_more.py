# SPDX-License-Identifier: MIT
"""Acme fills its seats, then one address fills its own: whoever is one too many gets 503 with a
Retry-After, others go on coming in, and a seat that is left can be taken again."""
from stage import check, equal

OWN, OTHER = ("127.0.0.1", 0), ("127.0.0.2", 0)


async def refused(stage, server, reason, **options):
    fields = await stage.refuses(503, server, "/north", **options)
    check(5 <= int(fields["Retry-After"]) <= 30, f"Retry-After {fields['Retry-After']}")
    series = f'ws_handshakes_refused_total{{reason="{reason}"}}'
    check(await server.metric(series) >= 1, f"{reason} is counted")


async def play(stage):
    async with stage.server(max_connections_per_tenant=3, max_connections_per_address=5) as server:
        acme = [await stage.client(server, "ann", "/north", tenant="acme", local_addr=OWN)
                for _ in range(3)]
        await refused(stage, server, "tenant_at_capacity", tenant="acme", local_addr=OTHER)
        bob = await stage.client(server, "bob", "/north", tenant="globex", local_addr=OWN)
        carol = await stage.client(server, "carol", "/north", local_addr=OWN)
        await refused(stage, server, "address_at_capacity", tenant="globex", local_addr=OWN)
        dave = await stage.client(server, "dave", "/north", tenant="globex", local_addr=OTHER)
        await acme[0].leave()
        acme[1].vanish()
        await server.metric_becomes("ws_connections", 4)
        acme += [await stage.client(server, "eve", "/north", tenant="acme", local_addr=OWN)
                 for _ in range(2)]
        await refused(stage, server, "address_at_capacity", local_addr=OWN)
        await refused(stage, server, "tenant_at_capacity", tenant="acme", local_addr=OTHER)
        equal(await server.metric("ws_upgrades_refused_total"), 4, "refused for want of room")
        equal(await server.metric("ws_upgrades_total"), 8, "let in")
        for actor in (bob, carol, dave):
            await actor.heard_nothing()
