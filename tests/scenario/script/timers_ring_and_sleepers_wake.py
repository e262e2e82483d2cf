# SPDX-License-Identifier: MIT
"""tide.after and tide.sleep keep their time; a cancelled timer is silent; sleeping works inside the
author's own coroutines and pcall, and raises where it can't."""
import time

from server import patient
from stage import check, equal


async def play(stage):
    async with stage.server() as server:
        alice = await stage.client(server, "alice", "/timer")
        begun = time.monotonic()
        for ms in (150, 50, 100):
            await alice.data("after", ms)
        await alice.data("cancelled", 20)
        for ms in (50, 100, 150):
            await alice.hears("rang", ms)
            late = (time.monotonic() - begun) * 1000 - ms
            check(-2 < late < patient(120), f"the timer of {ms} ms rang {late:.0f} ms late")
        for ms in (0, 1, 30, 120):
            slept = await alice.data("sleep", ms)
            check(ms - 2 <= slept < ms + patient(100), f"slept {slept} instead of {ms} ms")
        begun = time.monotonic()
        equal(await alice.data("deep_sleep", 30), ["mine", True], "in coroutine and pcall")
        check(time.monotonic() - begun > 0.055, "it slept twice")
        got = await alice.data("sort_sleep")
        check(got["ok"] is False and "cannot suspend here" in got["err"], f"in table.sort: {got}")
        await alice.heard_nothing()

        # Many at once: sleeping holds nobody up.
        crowd = stage.count("sleepers", 100, 1000)
        sleepers = [await stage.client(server, "sleeper", "/timer") for _ in range(crowd)]
        begun = time.monotonic()
        for sleeper in sleepers:
            await sleeper.ask("sleep", 200)
        for sleeper in sleepers:
            check("data" in await sleeper.answer(sleeper.last_id, within=5), "slept")
        check(time.monotonic() - begun < patient(0.2 + 0.01 * crowd), "they slept at the same time")
