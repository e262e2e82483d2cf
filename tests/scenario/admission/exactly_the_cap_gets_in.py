# SPDX-License-Identifier: MIT
"""Many clients race for few seats: exactly as many as the cap get in, never one more. The others
get 503 with its body and a Retry-After of their own, and are counted."""
import asyncio
import socket

import websockets

from stage import check, equal


async def race(stage, workers, paths):
    """Clients at these paths of a server with so many workers; the rest is counts."""
    crowd = stage.count("clients", 300, 3000)
    cap = stage.count("cap", 100, 1000)

    async with stage.server(
        workers=workers, max_connections=cap, handshake_timeout="30s"
    ) as server:

        def dial():
            sock = socket.create_connection(("127.0.0.1", server.port))
            sock.setblocking(False)
            return sock

        # All are connected before the first asks, so that the handshakes race.
        lines = [await asyncio.to_thread(dial) for _ in range(crowd)]
        start = asyncio.Event()

        async def try_to_enter(sock, path):
            await start.wait()
            try:
                return await websockets.connect(
                    server.url(path), sock=sock, ping_interval=None, open_timeout=30,
                    **server.connect_options()
                )
            except websockets.InvalidStatusCode as refusal:
                return refusal

        tries = [
            asyncio.create_task(try_to_enter(sock, paths[i % len(paths)]))
            for i, sock in enumerate(lines)
        ]
        start.set()
        outcomes = await stage.within(40, asyncio.gather(*tries), "all handshakes")

        inside = [one for one in outcomes if not isinstance(one, Exception)]
        refused = [one for one in outcomes if isinstance(one, Exception)]
        equal(len(inside), cap, "clients inside")
        equal({one.status_code for one in refused}, {503}, "statuses of the refused")
        waits = [int(one.headers["Retry-After"]) for one in refused]
        check(5 <= min(waits) and max(waits) <= 30, f"Retry-After within 5 to 30: {set(waits)}")
        check(len(set(waits)) >= 15, f"Retry-After is spread: only {sorted(set(waits))}")
        stage.tell("refused", len(refused))

        status, fields, body = await stage.answer(server, "/north")
        equal(status, 503, "one more")
        equal(body, "websocket capacity reached", "the body")
        equal(int(fields["content-length"]), len(body), "Content-Length")
        check(5 <= int(fields["retry-after"]) <= 30, "its Retry-After")

        values = await server.metrics()
        equal(values["ws_connections"], cap, "ws_connections")
        equal(values["ws_upgrades_total"], cap, "ws_upgrades_total")
        equal(values["ws_upgrades_refused_total"], crowd - cap + 1, "ws_upgrades_refused_total")
        equal(values['ws_handshakes_refused_total{reason="at_capacity"}'], crowd - cap + 1,
              "refused by reason")
        for connection in inside:
            connection.transport.abort()
        await server.metric_becomes("ws_connections", 0)
        # The seats are free again for each worker; in the race one may have been quick to take all.
        await stage.client_on_each(server, "afterwards", "/north")


async def play(stage):
    await race(stage, 1, ["/whoami/a", "/north", "/raw", "/life"])
