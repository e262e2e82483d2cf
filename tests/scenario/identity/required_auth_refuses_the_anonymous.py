# SPDX-License-Identifier: MIT
"""Where auth is required, no token means 401; with one, the client is let in."""
from stage import equal


async def play(stage):
    async with stage.server() as server:
        headers = await stage.refuses(401, server, "/members")
        equal(headers["WWW-Authenticate"], "Bearer", "the challenge")
        alice = await stage.client(server, "alice", "/members", token=stage.token(sub="alice"))
        equal(await alice.data("whoami"), {"sub": "alice"}, "alice")
        equal(await server.metric("ws_upgrades_total"), 1, "upgrades")
