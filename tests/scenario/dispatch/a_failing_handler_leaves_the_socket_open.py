# SPDX-License-Identifier: MIT
"""Handlers fail in many ways: each is counted, logged with file, line, event and generation, told
to on_error; the socket stays open, and so does the gateway for others."""
import os
import re

from server import SPECIAL
from stage import check, equal

WAYS = ["boom", "index", "late_boom", "unencodable", "deep", "bomb"]


async def play(stage):
    async with stage.server(script_memory="16MiB") as server:
        alice = await stage.client(server, "alice", "/faulty")
        bob = await stage.client(server, "bob", "/faulty")
        server.allow_error(r"faulty")
        for number, way in enumerate(WAYS, 1):
            since = len(server.lines)
            answer = await alice.request(way, within=8)
            equal(answer["error"]["code"], "handler_error", f"the answer to {way}")
            check("kettle" not in answer["error"]["message"], "the client learns no details")
            equal(await bob.data("fine"), "fine", "bob")
            equal(await server.metric("ws_handler_errors_total"), number, f"errors after {way}")
            line = await server.log_says(r"event=\"?" + way, since=since)
            check("generation=" in line, f"the generation is logged: {line}")
            if way in ("boom", "index", "bomb"):
                check(re.search(r"faulty/gateway\.lua line=[1-9]", line), f"file and line: {line}")
        with open(os.path.join(SPECIAL, "faulty", "gateway.lua"), encoding="utf-8") as file:
            (line,) = [n for n, text in enumerate(file, 1) if "kettle" in text]
        await server.log_says(rf"faulty/gateway\.lua:{line}: the kettle is empty")
        equal(await alice.data("failures"), len(WAYS), "calls of on_error")
        await alice.send("boom")
        await alice.heard_nothing()
        equal(await server.metric("ws_handler_errors_total"), len(WAYS) + 1, "errors")
