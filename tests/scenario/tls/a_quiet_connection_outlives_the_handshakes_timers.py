# SPDX-License-Identifier: MIT
"""Alice connects over TLS and is quiet for longer than anybody waits for a handshake; she is still
there."""
import asyncio

from raw import TEXT, frame
from stage import equal

TIER = "full"


async def play(stage):
    async with stage.server(tls="own", handshake_timeout="200ms", ping_interval="0",
                            idle_timeout="0") as server:
        alice = await stage.client(server, "alice", "/north")
        peer = await stage.raw(server, "/raw")
        await asyncio.sleep(12)
        await alice.heard_nothing()
        peer.send(frame(TEXT, ""))
        equal((await peer.read_frame()).payload, b"", "the echo")
        await server.metric_becomes("ws_connections", 2)
