# SPDX-License-Identifier: MIT
"""Alice's token ends while she is connected: she is closed with 4001 within a second and a half of
it. Bob's lasts longer, and so does Bob."""
import time

from stage import check


async def play(stage):
    async with stage.server(auth_leeway="0") as server:
        exp = int(time.time()) + 2
        alice = await stage.client(server, "alice", "/whoami/here", token=stage.token(exp=exp))
        bob = await stage.client(server, "bob", "/whoami/here", token=stage.token(sub="bob"))
        await alice.is_closed(4001, "token expired", within=5)
        late = time.time() - exp
        check(-0.1 < late < 1.5, f"closed {late:.2f} s after the expiry")
        await bob.heard_nothing()
        await server.metric_becomes('ws_closed_total{reason="token_expired"}', 1)
