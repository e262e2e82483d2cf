# SPDX-License-Identifier: MIT
"""A plain listener and three with TLS, two of them with one certificate: each shows its own,
whatever name a client asks for, and clients of all meet in one room."""
import asyncio
import ssl
import tempfile

import certificates
from raw import RawPeer
from server import SHIPPED
from stage import check, equal


async def serial_at(port, pair, name):
    """The serial of the certificate that is shown to who asks for this name."""
    context = pair.context()
    context.check_hostname = False
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    serial = int(writer.get_extra_info("peercert")["serialNumber"], 16)
    writer.close()
    return serial


async def play(stage):
    with tempfile.TemporaryDirectory() as folder:
        one = certificates.make(folder, "one", serial=101)
        two = certificates.make(folder, "two", serial=202, kind="rsa")
        async with stage.server(gateways=SHIPPED, tls=[one, None, two, one]) as server:
            names = ["localhost", "default", "tls", "two.example", f"x.tls:{server.ports[2]}"]
            for name in names:
                equal(await serial_at(server.ports[0], one, name), 101, f"{name} at the first")
                equal(await serial_at(server.ports[2], two, name), 202, f"{name} at the third")
                equal(await serial_at(server.ports[3], one, name), 101, f"{name} at the fourth")
            for port, pair in ((server.ports[0], two), (server.ports[2], one)):
                try:
                    await serial_at(port, pair, "localhost")
                    check(False, "the other certificate was shown")
                except ssl.SSLCertVerificationError:
                    pass
            for host in names:
                peer = await RawPeer.open(server.ports[0], "/chat", headers={"Host": host})
                equal(peer.writer.tls.getpeercert()["serialNumber"], "65", f"Host: {host}")
                peer.hang_up()
            actors = [await stage.client(server, f"at {port}", "/chat", port=port)
                      for port in server.ports]
            for actor in actors:
                await actor.send("message::send", {"text": f"from {actor.name}"})
                for other in actors:
                    data = await other.hears("message::receive")
                    equal(data["text"], f"from {actor.name}", f"{other.name} hears")
            stage.tell("names", len(names))
