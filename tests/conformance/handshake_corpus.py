# SPDX-License-Identifier: MIT
"""Malformed handshakes of a file (handshakes.txt), each sent at once and in two pieces: the answer
is complete, bears the expected status, ends the connection and repeats nothing of the request; the
refusal is counted once by its reason, and no control octet comes back or is logged."""
import asyncio
import os
import re

from raw import RawPeer
from stage import check, equal

DEADLINE = 110
FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "handshakes.txt")
GOOD = {
    "Host": "127.0.0.1",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
    "Sec-WebSocket-Version": "13",
}
TITLE = re.compile(r"\[(.+)\] (\d{3}) (\S+)")
ESCAPE = re.compile(r"\\(x[0-9a-f]{2}|[rnt\\])")
REPEAT = re.compile(r"\\\{((?:[^}\\]|\\.)*)\*(\d+)\}")
SINGLE = {"r": "\r", "n": "\n", "t": "\t", "\\": "\\"}
STATUS_LINE = re.compile(r"HTTP/1\.1 (\d{3}) [A-Z][A-Za-z /]+")
FIELD = re.compile(r"[A-Za-z-]+: [ -~]+")
CASES_MIN = 40


def unescape(text):
    return ESCAPE.sub(
        lambda found: SINGLE.get(found[1]) or chr(int(found[1][1:], 16)), text)


def octets_of(line):
    """One line of a case as it goes over the wire."""
    if line == "$good" or line.startswith("$but "):
        left_out = line.split()[1:]
        check(set(left_out) <= set(GOOD), f"{line!r} names fields of a good request")
        return "".join(f"{name}: {value}\r\n" for name, value in GOOD.items()
                       if name not in left_out)
    end = "\r\n"
    if re.search(r"(?<!\\)(\\\\)*\\$", line):
        line, end = line[:-1], ""
    line = REPEAT.sub(lambda found: found[1] * int(found[2]), line)
    return unescape(line) + end


def cases():
    """Name, status, reason, octets of each case."""
    with open(FILE, encoding="utf-8") as file:
        text = file.read()
    blocks = re.split(r"\n(?=\[.+\] \d{3} \S+\n)", text)
    for block in blocks[1:]:
        title, _, body = block.partition("\n")
        name, status, reason = TITLE.fullmatch(title).groups()
        body = re.split(r"\n(?=# )", body)[0]
        lines = body.rstrip("\n").split("\n")
        has_end = lines[-1] != "-"
        octets = "".join(octets_of(line) for line in lines[: None if has_end else -1])
        yield name, int(status), reason, (octets + "\r\n" * has_end).encode("latin-1")


def judge(name, octets, answer):
    """The octets of a refusal: a complete answer of HTTP/1.1, and nothing behind it."""
    head, _, body = answer.partition(b"\r\n\r\n")
    check(not re.search(rb"[^ -~\r\n]", answer), f"{name}: control octets in {answer!r}")
    lines = head.decode("ascii").split("\r\n")
    check(STATUS_LINE.fullmatch(lines[0]), f"{name}: the status line {lines[0]!r}")
    check(all(FIELD.fullmatch(line) for line in lines[1:]), f"{name}: the fields of {head!r}")
    fields = {line.split(": ")[0].lower(): line.split(": ", 1)[1] for line in lines[1:]}
    equal(len(fields), len(lines) - 1, f"{name}: no field comes twice")
    status = int(lines[0].split(" ")[1])
    check("close" in fields["connection"].split(", "), f"{name}: Connection in {fields}")
    if octets.startswith(b"HEAD "):
        equal(body, b"", f"{name}: the body")
        body = b"." * int(fields["content-length"])
    equal(int(fields["content-length"]), len(body), f"{name}: Content-Length")
    check(body and fields["content-type"] == "text/plain", f"{name}: a body")
    check("date" in fields, f"{name}: Date")
    if status == 426:
        equal(fields["sec-websocket-version"], "13", f"{name}: Sec-WebSocket-Version")
        equal(fields["upgrade"], "websocket", f"{name}: Upgrade")
    if status == 405:
        equal(fields["allow"], "GET", f"{name}: Allow")
    for word in (b"evil", b"owned", b"xxxx", b"OpenSSH"):
        check(word not in octets or word not in answer, f"{name}: {word} comes back")
    return status


async def answer_to(server, pieces):
    peer = await RawPeer.dial(server.port)
    try:
        for piece in pieces[:-1]:
            peer.send(piece)
            await asyncio.sleep(0.002)
        peer.send(pieces[-1])
        begin = await peer.reader.readexactly(12)
        if begin == b"HTTP/1.1 101":
            return begin
        return begin + await peer.until_end()
    finally:
        peer.hang_up()


async def play(stage):
    count = 0
    async with stage.server(max_connections=0, close_deadline="1s") as server:
        before = await server.metrics()
        wanted_counts = {}
        for name, wanted, reason, octets in cases():
            cut = stage.random.randrange(1, len(octets))
            for pieces in ([octets], [octets[:cut], octets[cut:]]):
                answer = await asyncio.wait_for(answer_to(server, pieces), 10)
                if wanted == 101:
                    equal(answer, b"HTTP/1.1 101", name)
                    continue
                equal(judge(name, octets, answer), wanted, f"{name}, in {len(pieces)} pieces")
                wanted_counts[reason] = wanted_counts.get(reason, 0) + 1
            count += 1
        values = await server.metrics()
        for series, value in values.items():
            found = re.fullmatch(r'ws_handshakes_refused_total\{reason="(\w+)"\}', series)
            if found:
                equal(value - before[series], wanted_counts.get(found[1], 0), series)
        equal(values["ws_handshake_timeouts_total"], 0, "cut at the deadline")
        check(count >= CASES_MIN, f"there are only {count} cases")
        honest = await stage.client(server, "honest", "/raw")
        await honest.say("still here")
        equal(await honest.hear(), "still here", "the honest client")
    stage.tell("cases", count)
