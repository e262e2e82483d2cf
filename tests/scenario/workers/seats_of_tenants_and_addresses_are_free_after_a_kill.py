# SPDX-License-Identifier: MIT
"""Acme's seats and those of its address are all taken, on both workers. One worker is killed:
exactly its share can be taken anew."""
import asyncio
import os
import signal
import time

from stage import Failed, equal

OTHER = ("127.0.0.2", 0)


async def play(stage):
    cap = 12
    async with stage.server(workers=2, max_connections_per_tenant=cap,
                            max_connections_per_address=cap) as server:
        server.allow_error(r"supervisor .*process died")
        inside = [await stage.client_on(number, server, f"sam{i}", "/where", tenant="acme")
                  for number in (1, 2) for i in range(cap // 2)]
        await stage.refuses(503, server, "/where", tenant="acme", local_addr=OTHER)
        await stage.refuses(503, server, "/where", tenant="globex")
        pid = server.workers()[2]
        os.kill(pid, signal.SIGKILL)
        for actor in inside[cap // 2:]:
            await actor.is_closed(1006)
        end = time.monotonic() + 3
        while server.workers().get(2, pid) == pid:
            if time.monotonic() > end:
                raise Failed("the worker was not replaced")
            await asyncio.sleep(0.01)
        await server.metric_becomes("ws_connections", cap // 2)
        inside = inside[: cap // 2] + [
            await stage.client(server, "new", "/where", tenant="acme") for _ in range(cap // 2)]
        await stage.refuses(503, server, "/where", tenant="acme", local_addr=OTHER)
        await stage.refuses(503, server, "/where", tenant="globex")
        equal(await server.metric("ws_connections"), cap, "ws_connections")
        for actor in inside:
            await actor.leave()
