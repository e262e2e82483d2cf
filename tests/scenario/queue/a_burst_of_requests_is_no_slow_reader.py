# SPDX-License-Identifier: MIT
"""A client that sends far more at once than its queue holds answers, and reads, gets every answer:
only who does not read is too slow."""
import json

import raw
from stage import equal


async def play(stage):
    burst = stage.count("requests", 600, 5000)
    async with stage.server(outbound_messages=64) as server:
        peer = await stage.raw(server, "/answers")
        requests = [json.dumps({"event": "reply_and_send", "id": n}) for n in range(burst)]
        peer.send(b"".join(raw.frame(raw.TEXT, text) for text in requests))
        for n in range(burst):
            for wanted in [
                {"event": "first", "data": 1},
                {"event": "second", "data": 2},
                {"id": n, "data": "third"},
            ]:
                got = await peer.read_frame()
                equal(json.loads(got.payload), wanted, f"message of request {n}")
        peer.send(raw.frame(raw.PING) * burst)
        for n in range(burst):
            equal((await peer.read_frame()).opcode, raw.PONG, f"answer to ping {n}")
        equal(await server.metric('ws_closed_total{reason="slow_client"}'), 0, "evictions")
        peer.send(raw.frame(raw.CLOSE, raw.close_payload(1000)))
        equal(await peer.until_close(), 1000, "close code")
