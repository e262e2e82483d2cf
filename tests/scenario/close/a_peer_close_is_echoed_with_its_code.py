# SPDX-License-Identifier: MIT
"""A client closes with a code; the server echoes it and ends the connection. A close without a
code is echoed without one."""
from raw import CLOSE, close_payload, frame
from stage import equal


async def play(stage):
    async with stage.server() as server:
        for code in [1000, 1001, 1003, 1007, 1011, 1012, 3000, 4000, 4999]:
            alice = await stage.raw(server, "/north")
            alice.send(frame(CLOSE, close_payload(code, b"my reason")))
            equal(await alice.until_close(), code, "the echo")
            equal(await alice.until_end(), b"", "octets after it")
        alice = await stage.raw(server, "/north")
        alice.send(frame(CLOSE))
        equal(await alice.until_close(), 1005, "the echo of a close without code")
        bob = await stage.client(server, "bob", "/north")
        await bob.leave(4123, "thank you")
        equal(bob.connection.close_code, 4123, "bob's close code")
        await server.metric_becomes('ws_closed_total{reason="client_closed"}', 11)
        await server.metric_becomes("ws_connections", 0)
