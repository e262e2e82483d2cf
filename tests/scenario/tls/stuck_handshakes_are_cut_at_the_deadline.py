# SPDX-License-Identifier: MIT
"""Mallory connects to a TLS port and says nothing, or drips a handshake, or half a request after
it: each is cut at the handshake deadline, counted from the connection, and holds no seat."""
import asyncio
import ssl
import time

from raw import RawPeer, contexts, upgrade_head
from stage import check, equal


def hello(server):
    """A good ClientHello."""
    outgoing = ssl.MemoryBIO()
    tls = server.trusted[server.port].wrap_bio(ssl.MemoryBIO(), outgoing,
                                               server_hostname="localhost")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


async def drip(peer, octets):
    for octet in octets:
        peer.send(bytes([octet]))
        await asyncio.sleep(0.04)


async def play(stage):
    async with stage.server(tls="own", max_connections=1, handshake_timeout="600ms") as server:
        begun = time.monotonic()
        late = await RawPeer.dial(server.port)  # its TLS handshake is done at once
        late.send(upgrade_head(server.port, "/north")[:40])
        context, contexts[server.port] = contexts[server.port], None
        silent, half, dripping = [await RawPeer.dial(server.port) for _ in range(3)]
        octets = hello(server)
        half.send(octets[:100])
        task = asyncio.create_task(drip(dripping, octets))
        contexts[server.port] = context
        alice = await stage.client(server, "alice", "/north")
        for peer in (late, silent, half, dripping):
            await peer.until_end()
        took = time.monotonic() - begun
        task.cancel()
        check(0.5 < took < 2.5, f"they were given their time: {took:.2f} s")
        equal(await server.metric("ws_handshake_timeouts_total"), 4, "cut handshakes")
        equal(await server.metric("ws_tls_failures_total"), 0, "failed handshakes")
        await alice.heard_nothing()
        contexts[server.port] = None
        for noise in (b"GET / HTTP/1.1\r\n\r\n", b"\0" * 100, b"\x16\x03\x01\xff\xff", octets[:50]):
            peer = await RawPeer.dial(server.port)
            peer.send(noise)
            if noise == octets[:50]:
                await peer.drain()
                peer.hang_up()
            else:
                await peer.until_end()
        await server.metric_becomes("ws_tls_failures_total", 4)
        await alice.heard_nothing()
