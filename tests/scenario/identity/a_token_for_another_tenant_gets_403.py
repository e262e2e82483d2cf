# SPDX-License-Identifier: MIT
"""A token is good in its own tenant only: the claim wins over the header, and a header that
disagrees is refused. A gateway that needs a tenant refuses clients without one."""
from stage import equal


async def play(stage):
    async with stage.server() as server:
        acme = stage.token(tenant="acme")
        await stage.refuses(403, server, "/tenants", token=acme, tenant="globex")
        for bad in ["Acme!", "../acme", "a" * 64, "acme globex"]:
            await stage.refuses(400, server, "/tenants", tenant=bad)
        await stage.refuses(401, server, "/tenants")
        equal((await stage.answer(server, "/tenants", token=acme, tenant="globex"))[2],
              "token is for another tenant", "the body")
        alice = await stage.client(server, "alice", "/tenants", token=acme, tenant="acme")
        equal((await alice.data("whoami"))["id"], "acme", "alice's tenant")
        values = await server.metrics()
        equal(values['ws_handshakes_refused_total{reason="wrong_tenant"}'], 2, "wrong tenant")
        equal(values['ws_handshakes_refused_total{reason="bad_tenant"}'], 4, "bad tenant")
        equal(values['ws_handshakes_refused_total{reason="no_tenant"}'], 1, "no tenant")
