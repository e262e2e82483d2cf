# SPDX-License-Identifier: MIT
"""Text that is no UTF-8 closes with 1007 at the first bad octet, while the message is still coming;
a character cut by a fragment is no fault."""
from raw import CONTINUATION, TEXT, frame
from stage import equal

BAD = [b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xf8\x88", b"abc\x80",
       b"\xe2\x28", b"\xc3\x28", b"\xf0\x80"]


async def play(stage):
    async with stage.server() as server:
        for bad in BAD:
            alice = await stage.raw(server, "/raw")
            alice.send(frame(TEXT, b"good " + bad, fin=False))
            equal(await alice.until_close(), 1007, f"{bad} in a first fragment")
            alice.hang_up()
            alice = await stage.raw(server, "/raw")
            octets = frame(TEXT, b"good " + bad + b"x" * 1000)
            alice.send(octets[: len(octets) - 1000])
            equal(await alice.until_close(), 1007, f"{bad} in a frame not yet complete")
            alice.hang_up()
        for cut in (b"\xe2\x82", b"\xf0\x9f\x98", b"\xc3"):
            alice = await stage.raw(server, "/raw")
            alice.send(frame(TEXT, cut))
            equal(await alice.until_close(), 1007, f"{cut} at the end of a message")
            alice.hang_up()
        alice = await stage.raw(server, "/raw")
        text = "€\U0001f600ä".encode()
        for index in range(len(text)):
            alice.send(frame(TEXT if index == 0 else CONTINUATION, text[index: index + 1],
                             fin=index == len(text) - 1))
        equal((await alice.read_frame()).payload, text, "an octet per fragment")
        alice.hang_up()
        await server.metric_becomes('ws_closed_total{reason="invalid_utf8"}', 2 * len(BAD) + 3)
