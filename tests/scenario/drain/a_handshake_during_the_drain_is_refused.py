# SPDX-License-Identifier: MIT
"""While the drain goes on, somebody who connects gets no WebSocket: refused, cut, or 503; readiness
is gone at once. Sam, who never echoes, holds the drain up only until the close deadline."""
import http.client
import signal

from stage import check


async def play(stage):
    async with stage.server(close_deadline="1500ms", drain_deadline="8s") as server:
        sam = await stage.raw(server, "/north")
        check((await server.admin("/readyz"))[0] == 200, "ready before")
        server.process.send_signal(signal.SIGTERM)
        code = await sam.until_close()
        check(code == 1001, f"sam's close code is {code}")
        try:
            status, _, _ = await stage.answer(server, "/north")
            check(status == 503, f"the handshake was answered with {status}")
        except (ConnectionError, http.client.HTTPException, TimeoutError):
            pass
        try:
            status, _, _ = await server.admin("/readyz")
            check(status == 503, f"/readyz answered {status} during the drain")
        except (ConnectionError, http.client.HTTPException):
            pass
        await server.stop(sent=None, within=6)
