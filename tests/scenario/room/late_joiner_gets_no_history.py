# SPDX-License-Identifier: MIT
"""Alice talks to a room; Bob joins later and hears only what is said after he came."""
from server import SHIPPED
from stage import equal


async def play(stage):
    async with stage.server(SHIPPED) as server:
        alice = await stage.client(server, "alice", "/chat", token=stage.token(sub="alice"))
        await alice.data("room::join", {"room": "tea"})
        for text in ("one", "two"):
            await alice.ask("message::send", {"room": "tea", "text": text})
            await alice.hears("message::receive", {"room": "tea", "from": "alice", "text": text})
            equal("data" in await alice.answer(alice.last_id), True, "answered")
        bob = await stage.client(server, "bob", "/chat", token=stage.token(sub="bob"))
        await bob.data("room::join", {"room": "tea"})
        await bob.heard_nothing()
        await alice.ask("message::send", {"room": "tea", "text": "three"})
        await bob.hears("message::receive", {"room": "tea", "from": "alice", "text": "three"})
        await bob.heard_nothing()
        await alice.leave()
        await bob.leave()
