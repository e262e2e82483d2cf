# SPDX-License-Identifier: MIT
"""Header, subdomain and claim name the tenant in the configured order; a claim for another tenant
than the one found is 403, a malformed or repeated header 400, and a gateway that requires a tenant
lets in nobody without: 401."""
import json

from raw import RawPeer, TEXT, frame, upgrade_head
from stage import equal


async def play(stage):
    settings = {"tenant_sources": "header,subdomain,claim", "tenant_base_domain": "rt.example",
                "tenant_claim": "org"}
    async with stage.server(**settings) as server:
        def fields(host, header, org):
            found = {"Host": host} if host else {}
            if header:
                found["X-Tenant-Id"] = header
            if org:
                found["Authorization"] = "Bearer " + stage.token(org=org)
            return found

        async def tenant(host=None, header=None, org=None):
            peer = await stage.raw(server, "/tenants", headers=fields(host, header, org))
            peer.send(frame(TEXT, '{"event":"whoami","id":1}'))
            answer = json.loads((await peer.read_frame()).payload)
            peer.hang_up()
            return answer["data"]["id"]

        async def status(host=None, header=None, org=None):
            peer = await RawPeer.dial(server.port)
            peer.send(upgrade_head(server.port, "/tenants", fields(host, header, org)))
            answer = await peer.read_answer()
            peer.hang_up()
            return answer[0]

        equal(await tenant(header="acme"), "acme", "by header")
        equal(await tenant(host="ACME.rt.example"), "acme", "by subdomain")
        equal(await tenant(host=f"acme.rt.example:{server.port}"), "acme", "by subdomain and port")
        equal(await tenant(org="acme"), "acme", "by claim")
        equal(await tenant(header="acme", host="globex.rt.example"), "acme", "the header first")
        equal(await tenant(header="acme", org="acme"), "acme", "both agree")

        equal(await status(), 401, "none is named")
        equal(await status(host="rt.example"), 401, "the base domain names none")
        equal(await status(host="a.b.rt.example"), 401, "two labels name none")
        equal(await status(header="acme", org="globex"), 403, "another tenant's token")
        equal(await status(host="acme.rt.example", org="globex"), 403, "another tenant's token")
        equal(await status(header="Acme"), 400, "no id")
        equal(await status(header=["acme", "acme"]), 400, "two headers")
        equal(await status(host="a!b.rt.example"), 400, "no id in the subdomain")
        equal(await status(org="Acme"), 401, "a claim that is no id")
        await server.metric_becomes('ws_handshakes_refused_total{reason="no_tenant"}', 3)
        await server.metric_becomes('ws_handshakes_refused_total{reason="wrong_tenant"}', 2)
        await server.metric_becomes('ws_handshakes_refused_total{reason="bad_tenant"}', 3)
