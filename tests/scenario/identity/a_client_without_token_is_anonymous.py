# SPDX-License-Identifier: MIT
"""Without a token a client comes in, and handlers see neither claims nor tenant."""
import time

from stage import check, equal


async def play(stage):
    async with stage.server() as server:
        alice = await stage.client(server, "alice", "/whoami/here?a=1&b=two%20words&c=")
        who = await alice.data("whoami")
        for absent in ("claims", "sub", "tenant"):
            check(absent not in who, f"{absent} is nil: {who}")
        equal(who["path"], "/whoami/here", "path")
        equal(who["params"], {"place": "here"}, "params")
        equal(who["query"], {"a": "1", "b": "two words", "c": ""}, "query")
        equal(who["address"], "127.0.0.1", "address")
        check(abs(who["connected_at"] / 1000 - time.time()) < 10, "connected_at is epoch ms")
        other = await stage.client(server, "bob", "/whoami/there")
        check((await other.data("whoami"))["id"] != who["id"], "ids are unique")
