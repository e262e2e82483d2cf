# SPDX-License-Identifier: MIT
"""Hostile heads, frames and manners over raw connections, as one table of cases with the outcome
each must have. The server lives on with bounded CPU and memory, and serves honest clients
throughout."""
import asyncio
import base64
import os
import time

import raw
from raw import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, RawPeer, close_payload, frame
from server import IS_SANITIZED
from stage import Failed, check, equal

DEADLINE = 110
KEY = base64.b64encode(b"0123456789abcdef").decode()


def heads(port):
    """Name, octets, allowed outcomes: statuses, or None for an end without an answer."""

    def head(**headers):
        return raw.upgrade_head(port, "/raw", {k.replace("_", "-"): v for k, v in headers.items()})

    def line(first):
        return head().replace(b"GET /raw HTTP/1.1", first, 1)

    def field(octets):
        return head().replace(b"\r\n\r\n", b"\r\n" + octets + b"\r\n\r\n", 1)

    good = head()
    yield "H00 a good request", good, {101}
    yield "H01 key missing", head(Sec_WebSocket_Key=None), {400}
    yield "H02 key short", head(Sec_WebSocket_Key="c2hvcnQ="), {400}
    yield "H03 key not base64", head(Sec_WebSocket_Key="!" * 22 + "=="), {400}
    yield "H04 key long", head(Sec_WebSocket_Key=base64.b64encode(b"x" * 17).decode()), {400}
    yield "H05 key twice", head(Sec_WebSocket_Key=[KEY, KEY]), {400}
    yield "H06 version none", head(Sec_WebSocket_Version=None), {400, 426}
    yield "H07 version 8", head(Sec_WebSocket_Version="8"), {426}
    yield "H08 version 13, 8", head(Sec_WebSocket_Version="13, 8"), {400, 426}
    yield "H08 version twice", head(Sec_WebSocket_Version=["13", "13"]), {400, 426}
    yield "H09 POST", line(b"POST /raw HTTP/1.1"), {405}
    yield "H09 get", line(b"get /raw HTTP/1.1"), {400, 405, 501}
    yield "H10 HTTP/1.0", line(b"GET /raw HTTP/1.0"), {505}
    yield "H11 HTTP/0.9", b"GET /raw\r\n\r\n", {400, 505}
    yield "H12 HTTP/2.0", line(b"GET /raw HTTP/2.0"), {505}
    yield "H12 HTTP/1.10", line(b"GET /raw HTTP/1.10"), {400, 505}
    yield "H12 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 405, 505}
    yield "H13 Host none", head(Host=None), {400}
    yield "H13 Host empty", head(Host=""), {400}
    yield "H14 Host twice", head(Host=["a", "b"]), {400}
    yield "H15 Upgrade none", head(Upgrade=None), {400, 426}
    yield "H16 Connection none", head(Connection=None), {400, 426}
    yield "H16 Connection: close", head(Connection="close"), {400, 426}
    yield "H17 h2c", head(Upgrade="h2c"), {400, 426}
    yield "H18 foo", head(Upgrade="foo"), {400, 426}
    yield "H18 websockets", head(Upgrade="websockets"), {400, 426}
    yield "H19 Content-Length", head(Content_Length="5") + b"hello", {400}
    yield "H20 chunked", head(Transfer_Encoding="chunked") + b"0\r\n\r\n", {400}
    yield "H21 both", head(Content_Length="5", Transfer_Encoding="chunked") + b"0\r\n\r\n", {400}
    yield "H22 header of 64 KiB", head(X="x" * 65536), {431}
    yield "H23 path of 64 KiB", line(b"GET /" + b"x" * 65536 + b" HTTP/1.1"), {414, 431}
    yield "H24 1000 headers", field(b"\r\n".join(b"X-%d: y" % i for i in range(1000))), {431}
    yield "H25 NUL", head(X="a\0b"), {400}
    yield "H25 NUL in a name", field(b"X\0Y: z"), {400}
    yield "H25 control octet", head(X="a\x01b"), {400}
    yield "H26 fold", field(b"X: a\r\n b"), {400}
    yield "H27 blank before colon", field(b"X : a"), {400}
    yield "H27 no colon", field(b"X"), {400}
    yield "H27 empty name", field(b": a"), {400}
    yield "H28 bare LF", good.replace(b"\r\n", b"\n"), {400, None}
    yield "H28 bare LF in the middle", field(b"X: a\nY: b"), {400}
    yield "H28 bare CR", field(b"X: a\rY: b"), {400}
    yield "H29 traversal", line(b"GET /x/../raw HTTP/1.1"), {400, 404}
    yield "H30 encoded traversal", line(b"GET /x/%2e%2e/raw HTTP/1.1"), {400, 404}
    yield "H30 double slash", line(b"GET //raw HTTP/1.1"), {400, 404}
    yield "H30 encoded letter", line(b"GET /r%61w HTTP/1.1"), {400, 404}
    yield "H31 %00", line(b"GET /raw%00 HTTP/1.1"), {400, 404}
    yield "H32 bad %", line(b"GET /raw%zz HTTP/1.1"), {400, 404}
    yield "H32 absolute form", line(b"GET http://evil/raw HTTP/1.1"), {400, 404}
    yield "H32 two blanks", line(b"GET  /raw HTTP/1.1"), {400}
    yield "H32 tab", line(b"GET\t/raw HTTP/1.1"), {400}
    yield "H32 raw octets", line(b"GET /raw\xff HTTP/1.1"), {400, 404}
    yield "H33 unknown subprotocol", head(Sec_WebSocket_Protocol="nobody.v1"), {400}
    yield "H33 bad subprotocol", head(Sec_WebSocket_Protocol="a b,,c"), {400}
    yield "H34 300 subprotocols", head(
        Sec_WebSocket_Protocol=", ".join(f"p{i}" for i in range(300))), {400}
    yield "H36 banner", b"SSH-2.0-OpenSSH_9.2\r\n", {400, 405, None}
    yield "H37 garbage", os.urandom(4) + bytes(range(128, 256)) * 30, {400, 405, None}
    yield "H38 TLS on the plain port", bytes.fromhex("16030100f8010000f40303") + b"x" * 241, {
        400, None}
    yield "H40 %0a in the path", line(b"GET /raw%0aCookie:a=b HTTP/1.1"), {400, 404}
    yield "H41 %0d%0a in the path", line(b"GET /raw%0d%0aCookie:a=b HTTP/1.1"), {400, 404}
    yield "H42 LF in the path", line(b"GET /raw\nCookie: a=b HTTP/1.1"), {400}
    yield "H42 Origin twice", head(Origin=["null", "null"]), {400}
    yield "H42 Authorization twice", head(Authorization=["Bearer a.b.c"] * 2), {400}


def frames():
    """Name, octets after the handshake, the close code (None: the message comes back)."""
    yield "F01 unmasked text", frame(TEXT, "x", masked=False), 1002
    for rsv in (1, 2, 4, 7):
        yield f"F02 RSV {rsv}", frame(TEXT, "x", rsv=rsv), 1002
    for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
        yield f"F03 opcode {opcode}", frame(opcode, "x"), 1002
    for opcode in (CLOSE, PING, PONG):
        yield f"F04 fragmented control {opcode}", frame(opcode, b"", fin=False), 1002
        yield f"F05 long control {opcode}", frame(opcode, b"x" * 126), 1002
    yield "F06 2^63", frame(TEXT, b"", length=1 << 63, form=8), 1002
    yield "F06 2^64-1", frame(TEXT, b"", length=(1 << 64) - 1, form=8), 1002
    yield "F07 2^62", frame(TEXT, b"", length=1 << 62, form=8), 1009
    yield "F07 4 GiB", frame(BINARY, b"", length=1 << 32, form=8), 1009
    yield "F08 not minimal, 2 octets", frame(TEXT, b"x" * 125, form=2), 1002
    yield "F09 not minimal, 8 octets", frame(TEXT, b"x" * 1000, form=8), 1002
    yield "F09 zero in 8 octets", frame(TEXT, b"", form=8), 1002
    yield "F10 close of one octet", frame(CLOSE, b"\x03"), 1002
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535):
        yield f"F11 close code {code}", frame(CLOSE, close_payload(code)), 1002
    yield "F12 close reason not UTF-8", frame(CLOSE, close_payload(1000, b"\xff")), 1007
    yield "F12 close reason cut", frame(CLOSE, close_payload(1000, b"\xe2\x82")), 1007
    yield "F13 bad UTF-8", frame(TEXT, b"\xc0\x80"), 1007
    yield "F13 surrogate", frame(TEXT, b"\xed\xb0\x80"), 1007
    yield "F14 bad UTF-8 split", frame(TEXT, b"\xf4", fin=False) + frame(
        CONTINUATION, b"\x90\x80\x80"), 1007
    yield "F15 over the limit by one", frame(TEXT, b"x" * 65537), 1009
    yield "F16 over the limit by fragments", frame(TEXT, b"x" * 40000, fin=False) + frame(
        CONTINUATION, b"x" * 25537), 1009
    yield "F16 exactly the limit", frame(BINARY, b"x" * 65536), None
    yield "F17 200,000 fragments of one octet", frame(TEXT, b"x", fin=False) + frame(
        CONTINUATION, b"x", fin=False) * 200000, 1008
    yield "F18 200,000 empty fragments", frame(TEXT, b"", fin=False) + frame(
        CONTINUATION, b"", fin=False) * 200000, 1008
    yield "F19 200,000 pongs", frame(PONG, b"x" * 100) * 200000 + frame(BINARY, b"after"), None
    yield "F20 continuation first", frame(CONTINUATION, b"x"), 1002
    yield "F21 text inside a message", frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), 1002
    yield "F22 data after close", frame(CLOSE, close_payload(1000)) + frame(TEXT, b"late"), 1000
    yield "F23 two closes", frame(CLOSE, close_payload(1000)) + frame(
        CLOSE, close_payload(1001)), 1000
    yield "F24 garbage after close", frame(CLOSE, close_payload(1000)) + os.urandom(5000), 1000
    yield "F25 close inside a message", frame(TEXT, b"a", fin=False) + frame(
        CLOSE, close_payload(1000)), 1000
    yield "F26 random octets, unmasked", b"\x00\x00" + os.urandom(1000), 1002
    yield "F27 a GET as frames (H35)", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 1002


async def outcome_of_head(server, octets):
    peer = await RawPeer.dial(server.port)
    try:
        peer.send(octets)
        try:
            status, fields, body = await peer.read_answer()
        except (asyncio.IncompleteReadError, ConnectionError):
            return None
        if status != 101:
            tokens = fields.get("connection", "").lower().split(", ")
            check("close" in tokens, f"Connection: close, but {fields}")
            check(len(body) > 0 and b"raw" not in body, f"a fixed body, but {body!r}")
            await peer.until_end()
        return status
    finally:
        peer.hang_up()


async def outcome_of_frames(stage, server, octets):
    peer = await stage.raw(server, "/raw")
    try:
        peer.send(octets)
        if (code := await asyncio.wait_for(first_end(peer), 10)) is not None:
            check(not peer.frames, f"the server answered with {peer.frames[:2]}")
            peer.send(frame(CLOSE))
            rest = await peer.until_end(6)
            equal(rest, b"", "octets after the close frame")
        return code
    finally:
        peer.hang_up()


async def first_end(peer):
    """The close code, or None when a message came."""
    while True:
        got = await peer.read_frame(10)
        if got is None:
            return 1006
        if got.opcode == CLOSE:
            return int.from_bytes(got.payload[:2], "big") if got.payload else 1005
        return None


async def an_octet_per_segment(stage, server):
    """F30: everything dripping in, the handshake too."""
    peer = await RawPeer.dial(server.port)
    octets = raw.upgrade_head(server.port, "/raw")
    for i in range(len(octets)):
        peer.send(octets[i: i + 1])
        await asyncio.sleep(0)
    equal((await peer.read_answer())[0], 101, "F30 the handshake")
    octets = frame(TEXT, "ä€" * 50) + frame(PING, b"p") + frame(BINARY, b"x" * 300)
    for i in range(len(octets)):
        peer.send(octets[i: i + 1])
        await asyncio.sleep(0)
    got = [(await peer.read_frame()).opcode for _ in range(3)]
    equal(got, [TEXT, PONG, BINARY], "F30 the frames")
    peer.hang_up()


async def pings_unread(stage, server):
    """F31: 100,000 pings, no pong read. The client goes, or is held back; memory stays."""
    peer = await stage.raw(server, "/raw", receive_buffer=4096)
    peer.stall()
    octets = frame(PING, b"x" * 125) * 1000
    try:
        for _ in range(100):
            peer.send(octets)
            await asyncio.wait_for(peer.writer.drain(), 2)
    except (asyncio.TimeoutError, ConnectionError):
        pass
    peer.hang_up()


async def early_frames(stage, server):
    """H39: frames glued to the request are answered. H35: a second request is no second request."""
    peer = await stage.raw(server, "/raw", glued=frame(TEXT, "early") + frame(TEXT, "bird"))
    equal([(await peer.read_frame()).payload for _ in range(2)], [b"early", b"bird"], "H39")
    peer.hang_up()
    peer = await stage.raw(server, "/raw", glued=raw.upgrade_head(server.port, "/raw"))
    equal(await peer.until_close(), 1002, "H35 a pipelined request")
    check(b"HTTP" not in await peer.until_end(), "H35 is not answered as HTTP")


async def manners(stage):
    """S01 to S07: slow, silent, deaf, gone."""
    async with stage.server(handshake_timeout="800ms", ping_interval=0, idle_timeout="1200ms",
                            close_deadline="500ms", outbound_messages=64, outbound_bytes="64KiB",
                            max_connections=0, write_deadline="1500ms") as server:
        before = await server.descriptor_count()

        async def slowloris():
            peer = await RawPeer.dial(server.port)
            begun = time.monotonic()
            for octet in raw.upgrade_head(server.port, "/raw"):
                peer.send(bytes([octet]))
                try:
                    await asyncio.wait_for(peer.until_end(), 0.03)
                    break
                except asyncio.TimeoutError:
                    pass
            took = time.monotonic() - begun
            check(0.6 < took < 3, f"S01 slowloris was cut after {took:.1f} s")

        async def silence():
            peer = await RawPeer.dial(server.port)
            await peer.until_end(4)

        async def silent_after_open():
            peer = await stage.raw(server, "/raw")
            equal(await peer.until_close(), 4008, "S03 silent after open")
            peer.hang_up()

        async def promised_never_sent():
            peer = await stage.raw(server, "/raw")
            peer.send(frame(BINARY, b"", length=65536))
            equal(await peer.until_close(), 4008, "S04 promised, never sent")
            peer.hang_up()

        async def close_never_finished():
            peer = await stage.raw(server, "/raw")
            peer.send(frame(TEXT, "close"))
            equal(await peer.until_close(), 4000, "S07 closed")
            begun = time.monotonic()
            await peer.until_end(4)
            check(time.monotonic() - begun < 2.5, "S07 was cut in time")

        async def never_reads():
            peer = await stage.raw(server, "/raw", receive_buffer=4096)
            peer.stall()
            octets = frame(BINARY, b"x" * 60000)
            for _ in range(200):
                peer.send(octets)
            end = time.monotonic() + 10
            while time.monotonic() < end:
                values = await server.metrics()
                if any(values[f'ws_closed_total{{reason="{reason}"}}'] > 0
                       for reason in ("slow_client", "write_deadline")):
                    break
                await asyncio.sleep(0.05)
            else:
                raise Failed("S05 a reader that never reads was not evicted")
            peer.hang_up()

        async def resets():
            for _ in range(200):
                peer = await stage.raw(server, "/raw")
                peer.send(frame(TEXT, "x" * 1000))
                peer.reset()

        await asyncio.gather(slowloris(), silence(), silent_after_open(), promised_never_sent(),
                             close_never_finished(), never_reads(), resets())
        await server.metric_becomes("ws_connections", 0, within=8)
        end = time.monotonic() + 5
        while await server.descriptor_count() > before and time.monotonic() < end:
            await asyncio.sleep(0.05)
        equal(await server.descriptor_count(), before, "S06 descriptors after 200 resets")
        return 7


async def play(stage):
    count = 0
    async with stage.server(max_connections=0, close_deadline="1s", outbound_messages=1024,
                            handshake_timeout="2s", log_level="info") as server:
        honest = await stage.client(server, "honest", "/raw")
        cpu, resident = await server.cpu_seconds(), await server.resident_bytes()
        for name, octets, allowed in heads(server.port):
            got = await outcome_of_head(server, octets)
            check(got in allowed, f"{name}: the outcome is {got}, not {allowed}")
            count += 1
        for name, octets, wanted in frames():
            got = await outcome_of_frames(stage, server, octets)
            equal(got, wanted, name)
            await honest.say(name)
            equal(await honest.hear(), name, "the honest client")
            count += 1
        for special in (an_octet_per_segment, pings_unread, early_frames):
            await special(stage, server)
            count += 1
        await honest.say("still here")
        equal(await honest.hear(), "still here", "the honest client")
        await server.metric_becomes("ws_connections", 1)
        spent = await server.cpu_seconds() - cpu
        grown = await server.resident_bytes() - resident
        stage.tell("cpu_seconds", round(spent, 2))
        stage.tell("grown_kib", grown // 1024)
        check(spent < 5, f"the attacks cost {spent:.1f} s of CPU")
        check(IS_SANITIZED or grown < 8 << 20, f"memory grew by {grown} octets")
    count += await manners(stage)
    stage.tell("cases", count)
