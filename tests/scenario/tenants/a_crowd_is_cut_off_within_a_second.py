# SPDX-License-Identifier: MIT
"""Among a crowd of sockets a suspended tenant's and a revoked subject's are closed within a second
of the change of the file, each for its reason, and nobody else's: a client that asks all the time
is answered all the time. Taken back, both come in again without a restart."""
import asyncio
import os
import tempfile
import time
import urllib.request

import prometheus
from kept import let_in, replace, shut_out, write
from stage import check, equal, patient

DEADLINE = 200
BATCH = 100
TENANTS = ["acme", "globex", "initech"]


def registry(suspended=()):
    rows = (f'{name} = {{ suspended = {str(name in suspended).lower()} }}' for name in TENANTS)
    return f"return {{ {', '.join(rows)} }}\n"


async def crowd(stage, server, size):
    """Client i is in tenant i % 3; every tenth is mallory."""
    clients = []
    for begin in range(0, size, BATCH):
        numbers = range(begin, min(begin + BATCH, size))
        clients += await asyncio.gather(*(
            stage.client(server, f"client{i}", "/tenants", tenant=TENANTS[i % 3],
                         token=stage.token(sub="mallory" if i % 10 == 0 else f"user{i}"))
            for i in numbers))
    return clients


async def ask_all_the_time(client, delays):
    while True:
        since = time.monotonic()
        await client.data("whoami", within=10)
        delays.append(time.monotonic() - since)
        await asyncio.sleep(0.01)


def wait_for_count(port, series, wanted):
    """How long it took until the metric was there. In a thread of its own: this process's loop is
    busy with all that is closed."""
    since = time.monotonic()
    while True:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as page:
            values = prometheus.parse(page.read().decode())[1]
        took = time.monotonic() - since
        if values.get(series) == wanted:
            return took
        check(took < patient(3), f"{series} is {values.get(series)}, not {wanted}")
        time.sleep(0.02)


async def are_closed(server, clients, reason, change):
    """How long it took the server to close them all."""
    series = f'ws_closed_total{{reason="{reason}"}}'
    change()
    took = await asyncio.to_thread(wait_for_count, server.admin_port, series, len(clients))
    for client in clients:
        await client.is_closed(4003, within=30)
    return took


async def play(stage):
    size = 5000 if stage.counts == "full" else 300
    with tempfile.TemporaryDirectory() as folder:
        tenants, revoked = (os.path.join(folder, name) for name in ("tenants.lua", "revoked"))
        write(tenants, registry())
        write(revoked, "")
        async with stage.server(tenants_file=tenants, auth_revocations=revoked, ping_interval="0",
                                idle_timeout="0") as server:
            clients = await crowd(stage, server, size)
            watcher = await stage.client(server, "watcher", "/tenants", tenant="initech",
                                         token=stage.token(sub="watcher"))
            delays = []
            asking = asyncio.create_task(ask_all_the_time(watcher, delays))
            acme = [one for i, one in enumerate(clients) if i % 3 == 0]
            mallory = [one for i, one in enumerate(clients) if i % 3 and i % 10 == 0]
            others = [one for i, one in enumerate(clients) if i % 3 and i % 10]

            suspension = await are_closed(server, acme, "tenant_suspended",
                                          lambda: replace(tenants, registry(["acme"])))
            revocation = await are_closed(server, mallory, "revoked",
                                          lambda: replace(revoked, "sub mallory\n"))
            for took, what in ((suspension, "suspension"), (revocation, "revocation")):
                check(took < patient(1), f"the {what} took {took:.2f} s")
            check(not asking.done(), "the watcher was answered all the time")
            asking.cancel()
            equal(await server.metric("ws_connections"), len(others) + 1, "the others")
            for one in others[:: max(1, len(others) // 50)]:
                await one.data("whoami")
            check(max(delays) < patient(1), f"the watcher waited for {max(delays):.2f} s")

            await shut_out(stage, server, 403, "/tenants", tenant="acme")
            await shut_out(stage, server, 401, "/tenants", tenant="globex",
                           token=stage.token(sub="mallory"))
            replace(tenants, registry())
            replace(revoked, "")
            await let_in(stage, server, "/tenants", tenant="acme")
            await let_in(stage, server, "/tenants", tenant="globex",
                         token=stage.token(sub="mallory"))
            stage.tell("suspension_ms", round(suspension * 1000))
            stage.tell("revocation_ms", round(revocation * 1000))
            stage.tell("slowest_answer_ms", round(max(delays) * 1000))
            await asyncio.gather(*(one.leave() for one in others), return_exceptions=True)
