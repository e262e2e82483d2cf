# SPDX-License-Identifier: MIT
"""At a gateway with auth = "first_message" a client comes in by its first message: before that no
handler runs and no room hears of it. Another message, a bad token and silence close the socket
with 4401; a token in the handshake is taken there."""
import json
import time

from raw import TEXT, frame
from stage import check, equal


def auth(token, number=None):
    message = {"event": "auth", "data": {"token": token}}
    return json.dumps(message if number is None else {**message, "id": number})


async def play(stage):
    async with stage.server(auth_timeout="1s") as server:
        first = await stage.client(server, "first", "/doorbell", token=stage.token(sub="first"))
        await first.hears("welcome", "first")

        alice = await stage.client(server, "alice", "/doorbell")
        await first.heard_nothing()
        await alice.say(auth(stage.token(sub="alice", tenant="acme"), 7))
        equal(await alice.answer(7), {"data": True}, "let in")
        await alice.hears("welcome", "alice")
        who = await alice.data("who")
        equal((who["sub"], who["tenant"]["id"], who["rooms"]), ("alice", "acme", ["hall"]), "alice")
        await first.heard_nothing()  # another tenant

        # Frames that follow the token in the same write wait for on_connect.
        peer = await stage.raw(server, "/doorbell", glued=frame(
            TEXT, auth(stage.token(sub="glued"))) + frame(TEXT, '{"event":"who","id":1}'))
        equal(json.loads((await peer.read_frame()).payload)["event"], "welcome", "first")
        equal(json.loads((await peer.read_frame()).payload)["data"]["sub"], "glued", "then")
        await first.hears("came", "glued")
        peer.hang_up()

        before = await first.data("connects")
        for message in ('{"event":"who","id":1}', auth("x.y.z"), "hello",
                        auth(stage.token(sub="eve", secret="y" * 40))):
            eve = await stage.client(server, "eve", "/doorbell")
            await eve.say(message)
            await eve.is_closed(4401, "unauthorized")
        silent = await stage.client(server, "silent", "/doorbell")
        since = time.monotonic()
        await silent.is_closed(4401, "no token in time", within=4)
        check(time.monotonic() - since > 0.9, "not before the deadline")
        await stage.refuses(401, server, "/doorbell", token="x.y.z")
        equal(await first.data("connects"), before, "on_connect ran for none of them")
        await server.metric_becomes('ws_closed_total{reason="unauthorized"}', 4)
        await server.metric_becomes('ws_closed_total{reason="auth_timeout"}', 1)
        check(sum('"left"' in line for line in server.lines) <= 1, "and on_disconnect for none")
