# SPDX-License-Identifier: MIT
"""With a fallback who names no tenant belongs to it, also where a tenant is required, and shares no
room with others; a token for another tenant is still 403."""
from stage import check, equal


async def play(stage):
    async with stage.server(tenant_fallback="public") as server:
        alice = await stage.client(server, "alice", "/tenants")
        equal(await alice.data("whoami"), {"id": "public", "name": "public"}, "the fallback")
        bob = await stage.client(server, "bob", "/tenants", tenant="acme")
        equal((await bob.data("whoami"))["id"], "acme", "who names one has it")
        eve = await stage.client(server, "eve", "/tenants", token=stage.token(tenant="public"))
        equal((await eve.data("whoami"))["id"], "public", "by claim")
        status, _, body = await stage.answer(server, "/tenants", tenant="public",
                                             token=stage.token(tenant="acme"))
        equal(status, 403, "another tenant's token")
        check("acme" not in body, "the answer names no tenant")
