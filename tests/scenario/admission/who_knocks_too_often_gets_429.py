# SPDX-License-Identifier: MIT
"""Mallory tries one token after another: past the burst she gets 429 with a Retry-After, whatever
she asks for. Alice, at another address, comes in meanwhile, and Mallory too when she has waited."""
import asyncio

from stage import check, equal

OTHER = ("127.0.0.2", 0)


async def play(stage):
    async with stage.server(handshakes_per_second=2, handshake_burst=4) as server:
        statuses = []
        for attempt in range(12):
            status, fields, body = await stage.answer(server, "/north", token=f"a.b.{attempt}")
            statuses.append(status)
            if status == 429:
                equal(body, "too many handshakes from this address", "the body")
                equal(int(fields["content-length"]), len(body), "Content-Length")
                equal(fields["connection"], "close", "Connection")
                check(5 <= int(fields["retry-after"]) <= 30, "Retry-After")
        equal(statuses[:4], [401] * 4, "the burst")
        check(statuses.count(429) >= 6, f"the rest: {statuses}")
        alice = await stage.client(server, "alice", "/north", local_addr=OTHER)
        await asyncio.sleep(0.6)
        mallory = await stage.client(server, "mallory", "/north")
        values = await server.metrics()
        equal(values['ws_handshakes_refused_total{reason="rate_limited"}'], statuses.count(429),
              "counted by reason")
        equal(values["ws_upgrades_refused_total"], 0, "nobody was refused for want of room")
        await alice.heard_nothing()
        await mallory.heard_nothing()
