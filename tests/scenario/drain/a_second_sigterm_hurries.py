# SPDX-License-Identifier: MIT
"""Sam doesn't echo, and the drain would wait for him; a second SIGTERM ends it at once."""
import asyncio
import signal
import time

from stage import check


async def play(stage):
    async with stage.server(close_deadline="20s", drain_deadline="20s") as server:
        sam = await stage.raw(server, "/north")
        server.process.send_signal(signal.SIGTERM)
        check(await sam.until_close() == 1001, "sam is told")
        try:
            await asyncio.wait_for(server.process.wait(), 0.5)
        except asyncio.TimeoutError:
            pass
        else:
            check(False, "the drain did not wait for sam")
        begun = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(server.process.wait(), 10)
        check(time.monotonic() - begun < 3, "the second signal hurried")
        server.expected_exit = server.process.returncode
        check(server.expected_exit in (0, 1), f"exit code {server.expected_exit}")
        sam.hang_up()
