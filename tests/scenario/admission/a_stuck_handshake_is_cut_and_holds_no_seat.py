# SPDX-License-Identifier: MIT
"""Mallory connects and says nothing, or half a request; both are cut at the handshake deadline,
and hold no seat meanwhile."""
import time

from raw import RawPeer, upgrade_head
from stage import check, equal


async def play(stage):
    async with stage.server(max_connections=1, handshake_timeout="500ms") as server:
        begun = time.monotonic()
        silent = await RawPeer.dial(server.port)
        slow = await RawPeer.dial(server.port)
        slow.send(upgrade_head(server.port, "/north")[:40])
        alice = await stage.client(server, "alice", "/north")
        await silent.until_end()
        await slow.until_end()
        check(time.monotonic() - begun > 0.4, "they were given their time")
        equal(await server.metric("ws_handshake_timeouts_total"), 2, "cut handshakes")
        await alice.heard_nothing()
