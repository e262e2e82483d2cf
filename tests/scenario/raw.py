# SPDX-License-Identifier: MIT
"""A peer that may misbehave: raw octets over a TCP connection, frames built by hand (RFC 6455
section 5.2). Only for what a proper client refuses to do."""
import asyncio
import base64
import hashlib
import os
import socket
import struct
from dataclasses import dataclass

from tls_stream import open_stream

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
# How the ports that speak TLS are spoken to.
contexts = {}
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass
class Frame:
    fin: bool
    rsv: int
    opcode: int
    payload: bytes


def frame(opcode, payload=b"", fin=True, masked=True, rsv=0, length=None, form=None):
    """The octets of one frame. length lies about the payload's; form (1, 2, 8) chooses the width
    of the length field whether it is minimal or not."""
    if isinstance(payload, str):
        payload = payload.encode()
    length = len(payload) if length is None else length
    if form is None:
        form = 1 if length < 126 else 2 if length < 65536 else 8
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    mask_bit = 0x80 if masked else 0
    if form == 1:
        head += bytes([mask_bit | length])
    elif form == 2:
        head += bytes([mask_bit | 126]) + struct.pack("!H", length)
    else:
        head += bytes([mask_bit | 127]) + struct.pack("!Q", length)
    if not masked:
        return head + payload
    key = os.urandom(4)
    if len(payload) < 64:
        body = bytes(octet ^ key[i % 4] for i, octet in enumerate(payload))
    else:
        repeated = (key * (len(payload) // 4 + 1))[: len(payload)]
        body = (int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")).to_bytes(
            len(payload), "big"
        )
    return head + key + body


def close_payload(code, reason=b""):
    return struct.pack("!H", code) + reason


def upgrade_head(port, path="/echo", headers=None, key=None):
    """A good upgrade request. headers changes it: None takes a field away, a list repeats it."""
    fields = {
        "Host": f"127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": key or base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
    }
    fields.update(headers or {})
    lines = [f"GET {path} HTTP/1.1"]
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                lines.append(f"{name}: {one}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class RawPeer:
    """One connection. Every wait has a deadline; reads that pass it raise TimeoutError."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer
        self.frames = []

    @classmethod
    async def dial(cls, port, receive_buffer=None):
        """Connects, without a handshake."""
        sock = socket.socket()
        sock.setblocking(False)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        await asyncio.wait_for(
            asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port)), 5
        )
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # A small limit makes asyncio stop reading early, so that a stalled reader stalls.
        if contexts.get(port):
            reader, writer = await open_stream(sock, contexts[port], limit=4096)
        else:
            reader, writer = await asyncio.open_connection(sock=sock, limit=4096)
        return cls(reader, writer)

    @classmethod
    async def open(cls, port, path="/echo", headers=None, glued=b"", receive_buffer=None):
        """Connects and upgrades; glued octets follow the request in the same write."""
        peer = await cls.dial(port, receive_buffer)
        key = base64.b64encode(os.urandom(16)).decode()
        peer.send(upgrade_head(port, path, headers, key) + glued)
        status, fields, _ = await peer.read_answer()
        if status != 101:
            raise ConnectionError(f"the upgrade was answered with {status}")
        accept = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
        if fields.get("sec-websocket-accept") != accept:
            raise ConnectionError("the accept value is wrong")
        peer.fields = fields
        return peer

    def send(self, octets):
        self.writer.write(octets)

    async def drain(self, within=5):
        await asyncio.wait_for(self.writer.drain(), within)

    async def read_answer(self, within=5):
        """An HTTP answer: status, fields (names in lower case), body by its Content-Length."""

        async def read():
            head = await self.reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            status = int(lines[0].split(" ")[1])
            fields = {}
            for line in lines[1:-2]:
                name, value = line.split(": ", 1)
                fields[name.lower()] = value
            body = b""
            if status != 101:
                body = await self.reader.readexactly(int(fields.get("content-length", 0)))
            return status, fields, body

        return await asyncio.wait_for(read(), within)

    async def read_frame(self, within=3):
        """The next frame; None when the connection has ended."""

        async def read():
            try:
                first, second = await self.reader.readexactly(2)
                length = second & 0x7F
                if length == 126:
                    (length,) = struct.unpack("!H", await self.reader.readexactly(2))
                elif length == 127:
                    (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
                if second & 0x80:
                    raise ConnectionError("the server masked a frame")
                payload = await self.reader.readexactly(length)
            except (asyncio.IncompleteReadError, ConnectionResetError, BrokenPipeError):
                return None
            return Frame(bool(first & 0x80), first >> 4 & 7, first & 0x0F, payload)

        return await asyncio.wait_for(read(), within)

    async def until_close(self, within=5):
        """Reads to the close frame and returns its code (1005 when it has none), or 1006 when the
        connection ends without one. The other frames are in self.frames."""

        async def read():
            while True:
                got = await self.read_frame(within)
                if got is None:
                    return 1006
                if got.opcode == CLOSE:
                    self.close_reason = got.payload[2:].decode()
                    return struct.unpack("!H", got.payload[:2])[0] if got.payload else 1005
                self.frames.append(got)

        return await asyncio.wait_for(read(), within)

    async def until_end(self, within=5):
        """Reads until the server has ended the TCP connection; returns what came."""

        async def read():
            octets = b""
            try:
                while True:
                    piece = await self.reader.read(65536)
                    if not piece:
                        return octets
                    octets += piece[: max(0, (1 << 20) - len(octets))]
            except (ConnectionResetError, BrokenPipeError):
                return octets

        return await asyncio.wait_for(read(), within)

    def stall(self):
        """Stops reading for good."""
        self.writer.transport.pause_reading()

    def reset(self):
        """Vanishes with a RST."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    def hang_up(self):
        self.writer.transport.abort()
