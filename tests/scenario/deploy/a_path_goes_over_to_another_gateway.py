# SPDX-License-Identifier: MIT
"""A gateway moves to another path, and a new one takes the path that it had, while what is there
might still come back: the new gateway is refused with that reason, and goes live by itself when the
trial has ended. The same in one go, and without a trial."""
import deploying
from stage import equal

TAKEN = "gateways live and heir are both at the path /live"


async def hand_over(stage, window, at_once):
    with deploying.gateways() as root:
        async with stage.server(gateways=root, deploy_trial_window=window) as server:
            await server.goes_live("live", 1)
            deploying.write(root, deploying.text_at("/moved", 2))
            if at_once:
                deploying.write(root, deploying.text_at("/live", 3), "heir")
            await server.goes_live("live", 2)
            if not at_once:
                deploying.write(root, deploying.text_at("/live", 3), "heir")
                await server.gateway_becomes("heir", lambda found: found and found["fault"],
                                             "is refused")
            found = await server.gateway_becomes(
                "heir", lambda found: found and found["counter"] > 0, "goes live", within=10)
            if not at_once or any(TAKEN in line for line in server.lines):
                server.allow_error(TAKEN)  # in one go it depends on who is judged first
            equal(found["fault"], None, "what is wrong with it")
            heir = await stage.client(server, "alice", "/live")
            moved = await stage.client(server, "bob", "/moved")
            equal((await heir.data("which"))["version"], 3, "at the path that was taken over")
            equal((await moved.data("which"))["version"], 2, "at the new path")


async def play(stage):
    await hand_over(stage, "3s", at_once=False)
    await hand_over(stage, "0s", at_once=True)
