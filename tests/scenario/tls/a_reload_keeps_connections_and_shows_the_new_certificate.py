# SPDX-License-Identifier: MIT
"""On SIGHUP new handshakes see the new certificate, also one with a key of another kind; who was
connected stays, and speaks on; a handshake that had begun before ends well."""
import asyncio
import ssl
import tempfile

import certificates
from server import SHIPPED
from stage import equal


def serial_of(actor):
    tls = actor.connection.transport.get_extra_info("ssl_object")
    return int(tls.getpeercert()["serialNumber"], 16)


async def begin_handshake(server):
    """Everything but our last flight: the server has answered with the certificate it has."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = server.trusted[server.port].wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        writer.write(outgoing.read())
    while True:
        incoming.write(await asyncio.wait_for(reader.read(65536), 5))
        try:
            tls.do_handshake()
            return tls, outgoing, writer
        except ssl.SSLWantReadError:
            pass


async def play(stage):
    rounds = stage.count("reloads", 6, 60)
    with tempfile.TemporaryDirectory() as folder:
        pair = certificates.make(folder, serial=1000)
        async with stage.server(gateways=SHIPPED, tls=[pair]) as server:
            actors = [await stage.client(server, "first", "/chat")]
            equal(serial_of(actors[0]), 1000, "the first serial")
            for number in range(1, rounds + 1):
                tls, outgoing, writer = await begin_handshake(server)
                certificates.make(folder, serial=1000 + number, kind=["ec", "rsa"][number % 2])
                await server.reload('"certificate reloaded"')
                writer.write(outgoing.read())
                equal(int(tls.getpeercert()["serialNumber"], 16), 999 + number, "half-way through")
                writer.close()
                server.trust(server.port, pair)
                actors.append(await stage.client(server, f"client {number}", "/chat"))
                equal(serial_of(actors[-1]), 1000 + number, "the serial after the reload")
            await actors[0].send("message::send", {"text": "all here?"})
            for actor in actors:
                equal((await actor.hears("message::receive"))["text"], "all here?", actor.name)
            await server.metric_becomes("ws_connections", rounds + 1)
            equal(await server.metric("tidegate_worker_restarts_total"), 0, "workers replaced")
