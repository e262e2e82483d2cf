# SPDX-License-Identifier: MIT
"""A gateway takes memory past the mark: handshakes get 503 with a Retry-After, those inside are
served on. When the memory is given back others come in again."""
import asyncio
import time

from server import IS_SANITIZED, patient
from stage import Failed, check, equal

ONE_WORKER = "it fills one worker's memory"


async def answer_becomes(stage, server, wanted, each_time):
    end = time.monotonic() + patient(20)
    while True:
        await each_time()
        status, fields, body = await stage.answer(server, "/cellar")
        if status == wanted:
            return fields, body
        if time.monotonic() > end:
            raise Failed(f"the answer is {status}, not {wanted}")
        await asyncio.sleep(0.1)


async def take(alice, mebibytes):
    """In bites, so that no call uses up its budget."""
    for _ in range(mebibytes // 10):
        answer = await alice.request("take", 10)
        check("data" in answer, f"the gateway took memory: {answer}")


async def play(stage):
    mark = 128 << 20
    async with stage.server(shed_memory=mark, script_memory="1GiB",
                            handler_budget="2s") as server:
        alice = await stage.client(server, "alice", "/cellar")
        if not IS_SANITIZED:
            check(await server.resident_bytes() < mark * 8 // 10, "there is room at the start")
            equal(await server.metric("ws_shedding"), 0, "ws_shedding")
        await take(alice, 200 if IS_SANITIZED else 140)

        async def nothing():
            pass

        fields, body = await answer_becomes(stage, server, 503, nothing)
        equal(body, "websocket capacity reached", "the body")
        check(5 <= int(fields["retry-after"]) <= 30, "Retry-After")
        values = await server.metrics()
        equal(values["ws_shedding"], 1, "ws_shedding")
        check(values['ws_handshakes_refused_total{reason="short_of_memory"}'] >= 1, "by reason")
        check(values["ws_upgrades_refused_total"] >= 1, "ws_upgrades_refused_total")
        await server.log_says(r'warn .* "memory is short, handshakes are refused"')
        await alice.request("take", 1)
        if IS_SANITIZED:
            return  # freed memory is kept for a while

        async def give():
            await alice.request("give")

        await answer_becomes(stage, server, 101, give)
        equal(await server.metric("ws_shedding"), 0, "ws_shedding")
        await stage.client(server, "bob", "/cellar")
