# SPDX-License-Identifier: MIT
"""A load balancer in front says who the client is, in both versions of the PROXY protocol, at once
and in pieces: the gateway, the log and the caps see that address. What a client says behind another
peer is no header."""
import asyncio
import json
import socket
import struct

from raw import RawPeer
from stage import check, equal

OTHER = ("127.0.0.2", 0)
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def line(address):
    return f"PROXY TCP4 {address} 192.0.2.1 4711 443\r\n".encode()


def binary(address, tlvs=b""):
    family = 0x21 if ":" in address else 0x11
    kind = socket.AF_INET6 if ":" in address else socket.AF_INET
    block = socket.inet_pton(kind, address) * 2 + struct.pack("!HH", 4711, 443) + tlvs
    return SIGNATURE + struct.pack("!BBH", 0x21, family, len(block)) + block


async def behind(stage, server, pieces, path="/whoami/r"):
    """A client whose proxy sends these octets first."""
    sock = socket.create_connection(("127.0.0.1", server.port))
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for piece in pieces:
        sock.sendall(piece)
        await asyncio.sleep(0.01)
    sock.setblocking(False)
    return await stage.client(server, "client", path, sock=sock)


async def address_of(actor):
    return (await actor.data("whoami"))["address"]


async def play(stage):
    async with stage.server(proxy_protocol="127.0.0.1", max_connections_per_address=2) as server:
        for pieces, wanted in [
            ([line("192.0.2.7")], "192.0.2.7"),
            ([line("192.0.2.8")[:9], line("192.0.2.8")[9:]], "192.0.2.8"),
            ([b"PROXY TCP6 2001:db8:0:0::7 2001:db8::1 1 2\r\n"], "2001:db8::7"),
            ([b"PROXY UNKNOWN\r\n"], "127.0.0.1"),
            ([binary("192.0.2.9")], "192.0.2.9"),
            ([binary("2001:db8:1::9", b"\x04\x00\x03abc")], "2001:db8:1::9"),
            ([bytes([octet]) for octet in binary("192.0.2.10")], "192.0.2.10"),
            ([SIGNATURE + b"\x20\x00\x00\x00"], "127.0.0.1"),
        ]:
            actor = await behind(stage, server, pieces)
            equal(await address_of(actor), wanted, f"the address behind {pieces}")
            await actor.leave()
        await server.metric_becomes("ws_connections", 0)

        two = [await behind(stage, server, [line("203.0.113.1")]) for _ in range(2)]
        try:
            await behind(stage, server, [line("203.0.113.1")])
            check(False, "a third client of one address came in")
        except Exception as refusal:  # pylint: disable=broad-except
            equal(getattr(refusal, "status_code", None), 503, f"the third client: {refusal!r}")
        await server.log_says(r"reason=address_at_capacity .*address=203\.0\.113\.1")
        other = await behind(stage, server, [line("203.0.113.2")])
        await two[0].heard_nothing()

        direct = await stage.client(server, "direct", "/whoami/r", local_addr=OTHER)
        equal(await address_of(direct), "127.0.0.2", "a client without a proxy")
        equal(await server.metric("ws_proxy_failures_total"), 0, "failures")
        await other.leave()
        if not server.trusted[server.port]:
            liar = await asyncio.open_connection("127.0.0.1", server.port, local_addr=OTHER)
            peer = RawPeer(*liar)
            peer.send(line("192.0.2.7") + b"GET / HTTP/1.1\r\n\r\n")
            status, _, _ = await peer.read_answer()
            check(status in (400, 405), f"{status} for a header of somebody else")
            peer.hang_up()
