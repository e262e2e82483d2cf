# SPDX-License-Identifier: MIT
"""SIGHUP with files that are no good pair: an error names the file, and the certificate from before
is served on; a good pair later is taken."""
import os
import tempfile

import certificates
from server import SHIPPED
from stage import equal


def serial_of(actor):
    tls = actor.connection.transport.get_extra_info("ssl_object")
    return int(tls.getpeercert()["serialNumber"], 16)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make_fifo(path):
    os.unlink(path)
    os.mkfifo(path)


async def play(stage):
    with tempfile.TemporaryDirectory() as folder:
        pair = certificates.make(folder, serial=7)
        foreign = certificates.make(folder, "foreign")
        breakages = [
            ("tls.key.*not the key of the certificate", lambda: os.replace(foreign.key, pair.key)),
            ("tls.key.*no usable private key", lambda: write(pair.key, "")),
            ("tls.key.*No such file", lambda: os.unlink(pair.key)),
            ("tls.crt.*no usable certificate", lambda: write(pair.certificate, "no certificate")),
            ("tls.crt.*No such file", lambda: os.unlink(pair.certificate)),
            ("tls.crt.*not a regular file", lambda: make_fifo(pair.certificate)),
        ]
        async with stage.server(gateways=SHIPPED, tls=[pair]) as server:
            server.allow_error("certificate refused, the one before is served on")
            alice = await stage.client(server, "alice", "/chat")
            for pattern, breakage in breakages:
                for path in (pair.certificate, pair.key):
                    if os.path.lexists(path):
                        os.unlink(path)
                certificates.make(folder, serial=9)
                breakage()
                await server.reload(f" error worker.* reason=.*{pattern}.*certificate refused")
                bob = await stage.client(server, "bob", "/chat")
                equal(serial_of(bob), 7, f"the serial after: {pattern}")
                await bob.leave()
            os.unlink(pair.certificate)
            certificates.make(folder, serial=8)
            await server.reload('"certificate reloaded"')
            server.trust(server.port, pair)
            equal(serial_of(await stage.client(server, "carol", "/chat")), 8, "the good one")
            await alice.send("message::send", {"text": "x"})
            await alice.hears("message::receive")
            stage.tell("breakages", len(breakages))
