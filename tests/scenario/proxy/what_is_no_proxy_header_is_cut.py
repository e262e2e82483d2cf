# SPDX-License-Identifier: MIT
"""Peers that must send a PROXY header and send something else, half of one, or nothing, are cut
without an answer, at once or at the handshake deadline, counted, and cost no CPU meanwhile."""
import asyncio
import socket
import time

from raw import RawPeer
from server import patient
from stage import check, equal

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"
BAD = [
    b"GET /north HTTP/1.1\r\nHost: x\r\n\r\n",
    b"PROXY TCP4 192.0.2.7 192.0.2.1 4711\r\n",
    b"PROXY TCP4 192.0.2.7 192.0.2.1 99999 443\r\n",
    b"PROXY UNKNOWN " + b"x" * 120,
    SIGNATURE + b"\x31\x11\x00\x00",
    SIGNATURE + b"\x21\x11\xff\xff",
    SIGNATURE + b"\x21\x11\x00\x13" + b"\xc0\x00\x02\x07" * 3 + b"\x03\x00\x04abcd",
    b"\x16\x03\x01\x00\xf8\x01\x00\x00\xf4\x03\x03" + b"x" * 241,
]
HALVES = [b"PROXY TCP4 192.0.2.7 ", SIGNATURE + b"\x21\x11\x00\x0c\xc0", b""]


async def dial(server):
    """A plain connection, also to a port that speaks TLS."""
    sock = socket.create_connection(("127.0.0.1", server.port))
    sock.setblocking(False)
    return RawPeer(*await asyncio.open_connection(sock=sock))


async def play(stage):
    async with stage.server(proxy_protocol="127.0.0.0/30", handshake_timeout="1500ms",
                            max_connections=1) as server:
        for octets in BAD:
            peer = await dial(server)
            peer.send(octets)
            begun = time.monotonic()
            equal(await peer.until_end(), b"", f"the answer to {octets[:40]!r}")
            check(time.monotonic() - begun < patient(1), f"{octets[:40]!r} was cut at once")
            peer.hang_up()
        equal(await server.metric("ws_proxy_failures_total"), len(BAD), "failures")
        await server.log_says(r'warn .*"proxy headers are refused"')

        cpu = await server.cpu_seconds()
        waiting = [await dial(server) for _ in range(20)]
        for number, peer in enumerate(waiting):
            peer.send(HALVES[number % len(HALVES)])
        begun = time.monotonic()
        for peer in waiting:
            equal(await peer.until_end(patient(5)), b"", "the answer to half a header")
        took = time.monotonic() - begun
        check(1 < took < patient(4), f"they were cut after {took:.1f} s")
        spent = await server.cpu_seconds() - cpu
        check(spent < 0.5, f"{spent:.2f} s of CPU while they waited")
        values = await server.metrics()
        equal(values["ws_handshake_timeouts_total"], len(waiting), "cut at the deadline")
        equal(values["ws_connections"], 0, "ws_connections")
        stage.tell("cpu_seconds", round(spent, 2))
