# SPDX-License-Identifier: MIT
"""Descriptors run out: accepting pauses instead of spinning, those inside are served, and when some
leave others get in."""
import asyncio

from stage import check

ONE_WORKER = "it counts one process's descriptors"


async def play(stage):
    limit = 128
    async with stage.server(descriptors=limit, max_connections=0,
                            handshake_timeout="60s") as server:
        inside, waiting = [], []
        alice = await stage.client(server, "alice", "/north")
        while len(inside) < limit:
            knock = asyncio.create_task(stage.client(server, "someone", "/north"))
            done, _ = await asyncio.wait([knock], timeout=1)
            if not done:
                waiting.append(knock)
                break
            inside.append(knock.result())
        check(waiting, f"{len(inside)} came in, although there are {limit} descriptors")
        check(len(inside) > limit // 2, f"only {len(inside)} came in")
        waiting += [asyncio.create_task(stage.client(server, "someone", "/north"))
                    for _ in range(20)]
        for task in waiting[1:]:
            await asyncio.wait([task], timeout=0.01)
        check(await server.metric("ws_accept_pauses_total") >= 1, "the pause is counted")
        before = await server.cpu_seconds()
        lines = len(server.lines)
        await asyncio.sleep(1.5)
        spent = await server.cpu_seconds() - before
        check(spent < 0.5, f"{spent:.2f} s of CPU in 1.5 s without a free descriptor")
        check(len(server.lines) - lines < 20, "the log is not flooded")
        await alice.heard_nothing()
        for actor in inside[:40]:
            await actor.leave()
        late = await stage.within(8, asyncio.gather(*waiting, return_exceptions=True), "the others")
        got_in = [one for one in late if not isinstance(one, Exception)]
        check(len(got_in) == len(waiting), f"{len(got_in)} of {len(waiting)} got in: {late[:3]}")
        await got_in[-1].heard_nothing()
        stage.tell("inside", len(inside))
        stage.tell("cpu_seconds", round(spent, 2))
