# SPDX-License-Identifier: MIT
"""A trusted proxy says by X-Forwarded-For who the client is, and what the client wrote before it
changes nothing. From anybody else the header is not looked at; what is no address gets 400."""
from stage import check, equal

OTHER = ("127.0.0.2", 0)


async def play(stage):
    async with stage.server(trusted_proxies="127.0.0.1, 10.0.0.0/8",
                            handshakes_per_second=1, handshake_burst=2) as server:

        async def address(value, **options):
            actor = await stage.client(server, "client", "/whoami/r",
                                       headers={"X-Forwarded-For": value}, **options)
            found = (await actor.data("whoami"))["address"]
            await actor.leave()
            return found

        equal(await address("192.0.2.1"), "192.0.2.1", "one hop")
        equal(await address("1.1.1.1, 192.0.2.2"), "192.0.2.2", "with a lie before it")
        equal(await address("garbage, 192.0.2.3:4711, 10.0.0.1"), "192.0.2.3", "over two proxies")
        equal(await address("[2001:db8::7]:80"), "2001:db8::7", "IPv6 with a port")
        equal(await address("192.0.2.4", local_addr=OTHER), "127.0.0.2", "from a stranger")
        for bad in ("unknown", "192.0.2.1, ", "<script>\x1b[31m"):
            status, _, body = await stage.answer(server, "/whoami/r",
                                                 headers={"X-Forwarded-For": bad})
            equal(status, 400, f"{bad!r}")
            check("script" not in body, "a fixed body")
        equal(await server.metric('ws_handshakes_refused_total{reason="bad_forwarded"}'), 2,
              "counted by reason")

        # The rate is the client's, not the proxy's.
        statuses = []
        for _ in range(4):
            statuses.append((await stage.answer(
                server, "/nowhere", headers={"X-Forwarded-For": "198.51.100.7"}))[0])
        equal(statuses, [404, 404, 429, 429], "one client knocking")
        equal(await address("198.51.100.8"), "198.51.100.8", "another one")
