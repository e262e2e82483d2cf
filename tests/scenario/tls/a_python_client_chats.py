# SPDX-License-Identifier: MIT
"""Alice and Bob meet in the shipped chat over TLS, by certificate and name checked; the plain
protocol at the same port gets no answer."""
import asyncio

from raw import RawPeer, contexts, upgrade_head
from server import SHIPPED
from stage import check, equal


async def play(stage):
    async with stage.server(gateways=SHIPPED, tls="own") as server:
        check(server.url("/chat").startswith("wss://"), "the URL")
        alice = await stage.client(server, "alice", "/chat")
        bob = await stage.client(server, "bob", "/chat")
        tls = alice.connection.transport.get_extra_info("ssl_object")
        check(tls.version() in ("TLSv1.2", "TLSv1.3"), f"version {tls.version()}")
        rounds = stage.count("messages", 100, 2000)
        for number in range(rounds):
            await alice.send("message::send", {"text": f"number {number}"})
        for who in (alice, bob):
            for number in range(rounds):
                data = await who.hears("message::receive")
                equal(data["text"], f"number {number}", f"{who.name} hears")
        await bob.leave()
        await server.metric_becomes("ws_connections", 1)
        contexts[server.port] = None
        plain = await RawPeer.dial(server.port)
        plain.send(upgrade_head(server.port, "/chat"))
        octets = await plain.until_end()
        check(b"HTTP" not in octets, f"no answer to plain octets: {octets}")
        await server.metric_becomes("ws_tls_failures_total", 1)
        await alice.send("message::send", {"text": "still here"})
        await asyncio.wait_for(alice.hears("message::receive"), 5)
