# SPDX-License-Identifier: MIT
"""Random sequences of good, odd and broken frames over real connections to an echoing gateway: what
comes back, in order, and the close code are those of the protocol core of python3-websockets, with
Python's own UTF-8 decoder beside it."""
import asyncio
import codecs
import struct

from websockets.connection import State
from websockets.frames import Opcode
from websockets.server import ServerConnection

import raw
from raw import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT
from stage import equal

DEADLINE = 400
LIMIT = 65536
CODES = [1000, 1001, 1002, 1003, 1007, 1011, 1014, 3000, 4999, 0, 999, 1004, 1005, 1006, 1015,
         1016, 2999, 5000, 65535]


def text(random):
    length = random.choice([0, 1, 3, 20, 70])
    return "".join(random.choices("aZ ä€\U0001f600\0", k=length)).encode()


def broken_text(random):
    octets = bytearray(text(random) + b"12345")
    for _ in range(random.randrange(1, 3)):
        octets[random.randrange(len(octets))] = random.randrange(128, 256)
    return bytes(octets)


def sequence(random):
    """A list of (octets, opcode): whole frames, the last one a close."""
    frames, is_inside = [], False
    for _ in range(random.randrange(1, 7)):
        kind = random.randrange(100)
        payload = text(random)
        if kind < 40:
            opcode = CONTINUATION if is_inside else random.choice([TEXT, TEXT, BINARY])
            if kind < 5:
                payload = broken_text(random)
            elif kind < 15 and is_inside is False:
                payload = random.randbytes(random.choice([0, 1, 125, 126, 127, 300]))
                opcode = BINARY
            elif kind == 15:
                payload = b"x" * random.choice([LIMIT - 70, LIMIT, LIMIT + 1])
            fin = random.random() < 0.6
            # Text cut in the middle of a character, by frames.
            if not fin and random.random() < 0.3 and payload:
                cut = random.randrange(len(payload))
                frames.append((raw.frame(opcode, payload[:cut], fin=False), opcode))
                opcode, payload = CONTINUATION, payload[cut:]
            frames.append((raw.frame(opcode, payload, fin=fin), opcode))
            is_inside = not fin
        elif kind < 60:
            opcode = random.choice([PING, PONG])
            frames.append((raw.frame(opcode, random.randbytes(random.randrange(126))), opcode))
        elif kind < 70:
            good = struct.pack("!H", random.choice(CODES)) + text(random)[:20].decode(
                "utf-8", "ignore").encode()
            payload = random.choice([b"", b"\3", good, good, struct.pack("!H", 1000) + b"\xff"])
            frames.append((raw.frame(CLOSE, payload), CLOSE))
        elif kind < 74:
            frames.append((raw.frame(TEXT, payload, masked=False), TEXT))
        elif kind < 78:
            opcode = random.choice([3, 4, 7, 11, 12, 15])
            frames.append((raw.frame(opcode, payload), opcode))
        elif kind < 82:
            opcode = random.choice([TEXT, PING, CONTINUATION])
            frames.append((raw.frame(opcode, payload[:100], rsv=random.randrange(1, 8)), opcode))
        elif kind < 86:
            opcode = random.choice([PING, PONG, CLOSE])
            frames.append((raw.frame(opcode, b"x" * 126), opcode))
        elif kind < 90:
            opcode = random.choice([PING, PONG, CLOSE])
            frames.append((raw.frame(opcode, b"", fin=False), opcode))
        elif kind < 95:
            opcode = random.choice([TEXT, BINARY, CONTINUATION])
            frames.append((raw.frame(opcode, payload), opcode))
            is_inside = False
        else:
            payload = random.randbytes(2)
            frames.append((raw.frame(PONG, payload), PONG))
    frames.append((raw.frame(CLOSE, struct.pack("!H", 4000)), CLOSE))
    return frames


class Reference:
    """What an endpoint that echoes messages has to answer."""

    def __init__(self):
        self.core = ServerConnection(state=State.OPEN, max_size=LIMIT)
        self.answers = []
        self.code = None
        self.message = None

    def feed(self, octets, opcode):
        if opcode == CLOSE and self.core.cur_size is not None:
            # The core refuses a close inside a fragmented message; RFC 6455 section 5.4 has control
            # frames "injected in the middle" and makes no exception.
            self.core.cur_size = None
        # Its size limit comes before other faults, and judges frames that a message's size does not
        # concern: control frames, a new message inside another, reserved bits. Faults of their own.
        is_own = opcode == CONTINUATION or self.core.cur_size is None and opcode in (TEXT, BINARY)
        is_own = is_own and not octets[0] & 0x70
        self.core.max_size = LIMIT if is_own else None
        self.core.receive_data(octets)
        for event in self.core.events_received():
            self.on_frame(event)
            if self.code is not None:
                return
        if self.core.close_sent is not None:
            self.code = self.core.close_sent.code

    def on_frame(self, frame):
        if frame.opcode is Opcode.PING:
            self.answers.append((PONG, frame.data))
        elif frame.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            if frame.opcode is not Opcode.CONT:
                self.message = [TEXT if frame.opcode is Opcode.TEXT else BINARY, b""]
                self.decoder = codecs.getincrementaldecoder("utf-8")()
            if self.message[0] == TEXT:
                try:
                    self.decoder.decode(frame.data, final=frame.fin)
                except UnicodeDecodeError:
                    self.code = 1007
                    return
            self.message[1] += frame.data
            if frame.fin:
                self.answers.append((self.message[0], self.message[1]))


async def one_case(stage, server, frames, cuts):
    reference = Reference()
    for octets, opcode in frames:
        reference.feed(octets, opcode)
        if reference.code is not None:
            break
    peer = await stage.raw(server, "/raw")
    octets = b"".join(octets for octets, _ in frames)
    start = 0
    for cut in cuts + [len(octets)]:
        peer.send(octets[start:cut])
        start = cut
        if cuts:
            await asyncio.sleep(0)
    code = await peer.until_close()
    peer.hang_up()
    story = [(octets[:40], len(octets)) for octets, _ in frames]
    got = [(one.opcode, one.payload) for one in peer.frames]
    equal(got, reference.answers, f"answers to {story}")
    equal(code, reference.code, f"the close code for {story}")
    return code


async def play(stage):
    cases = stage.count("cases", 2000, 60000)
    codes = {}
    async with stage.server(max_connections=0, outbound_bytes="4MiB", log_level="info",
                            close_deadline="500ms") as server:
        before = await server.descriptor_count()
        for _ in range(cases // 20):
            batch = []
            for _ in range(20):
                frames = sequence(stage.random)
                total = sum(len(octets) for octets, _ in frames)
                cuts = sorted(stage.random.choices(range(total), k=stage.random.choice([0, 0, 3])))
                batch.append(one_case(stage, server, frames, cuts))
            for code in await asyncio.gather(*batch):
                codes[code] = codes.get(code, 0) + 1
        for code in (1000, 1002, 1007, 1009, 1005, 4000):
            equal(codes.get(code, 0) > 0, True, f"the cases came to close code {code}")
        await server.metric_becomes("ws_connections", 0)
        await stage.within(5, descriptors_back(server, before), "the return of descriptors")
    stage.tell("codes", dict(sorted(codes.items())))


async def descriptors_back(server, before):
    while await server.descriptor_count() > before:
        await asyncio.sleep(0.05)
