# SPDX-License-Identifier: MIT
"""A gateway closes clients with its own codes and reasons; what was sent before comes first."""
from stage import equal


async def play(stage):
    async with stage.server() as server:
        for code, reason in [(1000, ""), (1000, "bye"), (1001, "going"), (3000, "library"),
                             (4999, "ä" * 61), (1011, "broken"), (1013, "later")]:
            alice = await stage.client(server, "alice", "/life?name=alice")
            await alice.ask("leave_me", {"code": code, "reason": reason})
            await alice.hears("late", "still queued before the close")
            equal(await alice.answer(alice.last_id), {"data": {"open": True}}, "the answer")
            await alice.is_closed(code, reason)
        await server.metric_becomes('ws_closed_total{reason="closed_by_gateway"}', 7)
        witness = await stage.client(server, "witness", "/life?name=witness")
        server.allow_error("a close code that may be sent expected")
        for bad in [999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 0, -1]:
            code = await witness.error("leave_me", {"code": bad, "reason": ""})
            equal(code, "handler_error", f"close code {bad}")
