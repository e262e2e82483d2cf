# SPDX-License-Identifier: MIT
"""Alice's token and tenant are read once at the handshake; handlers see them, each time as a fresh
copy."""
import time

from stage import equal


async def play(stage):
    async with stage.server() as server:
        exp = int(time.time()) + 60
        token = stage.token(sub="alice", tenant="acme", roles=["admin", "user"], big=2**53, exp=exp)
        alice = await stage.client(server, "alice", "/whoami/here", token=token, tenant="acme")
        who = await alice.data("whoami")
        equal(who["claims"], {"sub": "alice", "tenant": "acme", "roles": ["admin", "user"],
                              "big": 2**53, "exp": exp}, "claims")
        equal(who["sub"], "alice", "claim(sub)")
        equal(who["tenant"]["id"], "acme", "tenant.id")
        equal(await alice.data("edit"), {"edited": "mallory", "kept": "alice"}, "an edit")

        bob = await stage.client(server, "bob", "/whoami/here", tenant="globex")
        who = await bob.data("whoami")
        equal(who["tenant"]["id"], "globex", "tenant of the anonymous")

        token = stage.token(tenant="acme")
        carol = await stage.client(server, "carol", "/whoami/here", token=token)
        equal((await carol.data("whoami"))["tenant"]["id"], "acme", "tenant by claim")
