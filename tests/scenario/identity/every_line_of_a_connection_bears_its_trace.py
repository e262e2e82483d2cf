# SPDX-License-Identifier: MIT
"""Whatever is logged for a connection bears its trace id: the gateway's own lines from hooks,
events, timers and after a sleep, a handler's error, the end, and a refusal at the handshake.
Another connection's trace is another."""
import re

from stage import check, equal

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"
TOLD = ["connect", "event", "print", "on_error", "timer", "sleeper", "disconnect"]


async def play(stage):
    async with stage.server() as server:
        server.allow_error("script failed")
        alice = await stage.client(server, "alice", "/traced", headers={"traceparent": PARENT})
        await alice.data("log")
        await alice.request("fail")
        await alice.data("later")
        await alice.leave()
        await server.log_says('"traced disconnect"')
        for what in TOLD:
            await server.log_says(f' trace={TRACE} .*"traced {what}"')
        await server.log_says(f'trace={TRACE} .*error=.*traced failure.*"script failed"')
        await server.log_says(f'trace={TRACE} "connection ends"')
        check(not any(TRACE in line for line in server.lines if "traced loads" in line),
              "what is logged at load belongs to no connection")
        bob = await stage.client(server, "bob", "/traced")
        await bob.leave()
        await server.log_says('"traced disconnect"', count=2)
        traces = {re.search(" trace=([0-9a-f]{32})", line).group(1)
                  for line in server.lines if '"traced connect"' in line}
        equal(len(traces), 2, "a trace per connection")

        for path, headers in (("/nowhere", {}), ("/traced", {"Authorization": "Bearer x"}),
                              ("/traced", {"Sec-WebSocket-Version": "12"})):
            status, _, _ = await stage.answer(server, path,
                                              headers={"traceparent": PARENT, **headers})
            check(status >= 400, "refused")
        await server.log_says(f'trace={TRACE} "handshake refused"', count=3)
