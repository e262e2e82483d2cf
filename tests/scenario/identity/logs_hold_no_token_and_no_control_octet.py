# SPDX-License-Identifier: MIT
"""Mallory puts tokens and control octets everywhere; no line of the log holds any of it. (The
stage looks at every line of every play in the same way; here there is something to find.)"""
from raw import RawPeer, TEXT, frame, upgrade_head
from stage import check


async def play(stage):
    async with stage.server() as server:
        token = stage.token()
        bad = stage.token(secret="y" * 40)
        good = await stage.client(server, "alice", "/whoami/here", token=token)
        await good.data("whoami")
        await stage.answer(server, "/members", token=bad)
        await stage.answer(server, f"/nowhere/{bad}")
        await stage.answer(server, f"/whoami/here?access_token={bad}")
        # For the line's end, the terminal, the reader of key=value pairs: all in header values.
        tricks = ["x\x1b[31mred", "x\tlevel=error", 'x" "forged"', "x%0aforged", "\u00ff\u0080"]
        count = 0
        for name in ["Origin", "X-Tenant-Id", "traceparent", "User-Agent", "Authorization",
                     "Sec-WebSocket-Protocol", "Host"]:
            for trick in tricks:
                peer = await RawPeer.dial(server.port)
                peer.send(upgrade_head(server.port, "/whoami/here", {name: trick}))
                await peer.read_answer()
                peer.hang_up()
                count += 1
        for path in ["/\x1b[2J", "/a%1b%0d%0ab", "/\"quoted\"", "/=\x7f"]:
            peer = await RawPeer.dial(server.port)
            peer.send(upgrade_head(server.port, path))
            await peer.read_answer()
            peer.hang_up()
        peer = await stage.raw(server, "/life?name=%1b%5b31m%0aforged")
        peer.send(frame(TEXT, '{"event":"note","data":"\\u001b[31m","id":"' + token + '"}'))
        await peer.read_frame()
        peer.send(frame(TEXT, '{"event":"\\u001b[31m\\n","id":1}'))
        await peer.read_frame()
        peer.hang_up()
        await server.log_says("client left")
        check(len(server.lines) > 3, "there is a log to look at")
        stage.tell("tricks", count + 6)
