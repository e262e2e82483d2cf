# SPDX-License-Identifier: MIT
"""Many clients are closed and never answer: while the server waits for the ends of their
connections it holds no buffers for their TLS."""
from raw import TEXT, frame
from server import IS_SANITIZED
from stage import check, equal


async def play(stage):
    crowd = stage.count("clients", 500, 2000)
    async with stage.server(tls="own", close_deadline="1m", max_connections=crowd) as server:
        peers = [await stage.raw(server, "/raw") for _ in range(crowd)]
        stage.peers += peers
        before = await server.resident_bytes()
        for peer in peers:
            peer.send(frame(TEXT, "close"))
        for peer in peers:
            equal(await peer.until_close(), 4000, "the close code")
            await peer.until_end()
            check(peer.writer.was_told_the_end, "TLS's own end")
        grown = (await server.resident_bytes() - before) / crowd
        stage.tell("bytes_per_peer", round(grown))
        check(IS_SANITIZED or grown < 2048, f"each costs {grown:.0f} octets more")
        descriptors = await server.descriptor_count()
        check(descriptors > crowd, "they linger")
        await server.metric_becomes("ws_connections", 0)
