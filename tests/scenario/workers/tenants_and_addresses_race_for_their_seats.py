# SPDX-License-Identifier: MIT
"""Clients of two tenants, then of two addresses, race for seats of two workers: each gets exactly
its own number, and the waits of the others are spread."""
import asyncio
import socket

import websockets

from stage import check, equal


async def race(stage, server, crowd, address_of, tenant_of):
    """The outcome of each of so many handshakes, which begin together."""

    def dial(number):
        sock = socket.socket()
        sock.bind((address_of(number), 0))
        sock.connect(("127.0.0.1", server.port))
        sock.setblocking(False)
        return sock

    lines = [await asyncio.to_thread(dial, number) for number in range(crowd)]
    start = asyncio.Event()

    async def try_to_enter(number):
        await start.wait()
        try:
            return await websockets.connect(
                server.url("/north"), sock=lines[number], ping_interval=None, open_timeout=30,
                extra_headers={"X-Tenant-Id": tenant_of(number)}, **server.connect_options())
        except websockets.InvalidStatusCode as refusal:
            return refusal

    tries = [asyncio.create_task(try_to_enter(number)) for number in range(crowd)]
    start.set()
    return await stage.within(40, asyncio.gather(*tries), "all handshakes")


async def judge(server, outcomes, cap, group_of, reason):
    inside = [number for number, one in enumerate(outcomes) if not isinstance(one, Exception)]
    refused = [one for one in outcomes if isinstance(one, Exception)]
    for group in {group_of(number) for number in range(len(outcomes))}:
        equal(sum(group_of(number) == group for number in inside), cap, f"inside of {group}")
    equal({one.status_code for one in refused}, {503}, "statuses of the refused")
    waits = [int(one.headers["Retry-After"]) for one in refused]
    check(5 <= min(waits) and max(waits) <= 30, f"Retry-After within 5 to 30: {set(waits)}")
    check(len(set(waits)) >= 15, f"Retry-After is spread: only {sorted(set(waits))}")
    values = await server.metrics()
    equal(values["ws_connections"], len(inside), "ws_connections")
    equal(values[f'ws_handshakes_refused_total{{reason="{reason}"}}'], len(refused), reason)
    equal(values["ws_upgrades_refused_total"], len(refused), "ws_upgrades_refused_total")
    for number in inside:
        outcomes[number].transport.abort()
    await server.metric_becomes("ws_connections", 0)


async def play(stage):
    crowd = stage.count("clients", 300, 3000)
    cap = stage.count("cap", 50, 500)

    def tenant_of(number):
        return "acme" if number % 3 else "globex"

    def address_of(number):
        return f"127.0.0.{2 + number % 2}"

    async with stage.server(workers=2, max_connections=crowd, max_connections_per_tenant=cap,
                            handshake_timeout="30s") as server:
        outcomes = await race(stage, server, crowd, address_of, tenant_of)
        await judge(server, outcomes, cap, tenant_of, "tenant_at_capacity")
        await stage.client_on_each(server, "afterwards", "/north", tenant="acme")
    async with stage.server(workers=2, max_connections=crowd, max_connections_per_address=cap,
                            handshake_timeout="30s") as server:
        outcomes = await race(stage, server, crowd, address_of, tenant_of)
        await judge(server, outcomes, cap, address_of, "address_at_capacity")
