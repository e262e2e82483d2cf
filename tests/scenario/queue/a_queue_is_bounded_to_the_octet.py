# SPDX-License-Identifier: MIT
"""What one handler sends in one go stays below both limits: by number and by octets. The message
past the limit is not sent, evicts the client and is told to the handler."""
from stage import check, equal

ONE_WORKER = "a handler fills the queue of a client of its own worker"


async def play(stage):
    for settings, size, fits in [
        ({"outbound_messages": 10}, 10, 10),
        # {"event":"drop","data":"xxx"} in a frame of 4 + 26 + 1000 octets.
        ({"outbound_bytes": 8 * 1030}, 1000, 8),
        ({"outbound_bytes": 8 * 1030 - 1}, 1000, 7),
    ]:
        async with stage.server(**settings) as server:
            sam = await stage.client(server, "sam", "/flood")
            await sam.data("stand")
            pourer = await stage.client(server, "pourer", "/flood")
            got = await pourer.data("drown", {"messages": 300, "bytes": size})
            equal(got, {"sent": fits, "why": "evicted"}, f"{settings}")
            levels = await pourer.data("levels")
            equal(levels["messages"], fits, "messages queued at most")
            check(levels["bytes"] <= settings.get("outbound_bytes", 1 << 20), f"{levels}")
            await sam.is_closed(1013, "too slow")
            await server.metric_becomes('ws_closed_total{reason="slow_client"}', 1)
            again = await pourer.data("drown", {"messages": 1, "bytes": 1})
            equal(again, {"sent": 0, "why": "closed"}, "after the eviction")
