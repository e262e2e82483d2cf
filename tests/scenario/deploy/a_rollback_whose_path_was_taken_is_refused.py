# SPDX-License-Identifier: MIT
"""A gateway has moved, and another one has taken the path that it had: the version before can't
come back, since no worker could start with both. The rollback says so, and both serve on; when the
path is free again it goes back."""
import deploying
from server import run_once
from stage import check, equal

TAKEN = "are both at the path /live"


async def play(stage):
    with deploying.gateways() as root:
        async with stage.server(gateways=root, deploy_trial_window="0s") as server:
            async def go_back():
                return await run_once(["rollback", "live", "--socket", server.control_path],
                                      within=30)

            server.allow_error(TAKEN)
            await server.goes_live("live", 1)
            deploying.write(root, deploying.text_at("/moved", 2))
            await server.goes_live("live", 2)
            deploying.write(root, deploying.text_at("/live", 3), "heir")
            await server.gateway_becomes("heir", lambda found: found and found["counter"] > 0,
                                         "goes live", within=10)
            workers = server.workers()
            heir = await stage.client(server, "alice", "/live")
            moved = await stage.client(server, "bob", "/moved")
            code, out, err = await go_back()
            equal(code, 1, f"a rollback to a path that is taken: {out!r} {err!r}")
            check(TAKEN in out + err, f"what it says: {out!r} {err!r}")
            equal((await heir.data("which"))["version"], 3, "at the path that was taken over")
            equal((await moved.data("which"))["version"], 2, "at the new path")
            equal(server.workers(), workers, "the workers")
            deploying.write(root, deploying.text_at("/heir", 4), "heir")
            await server.gateway_becomes("heir", lambda found: found["counter"] == 2, "moves")
            code, out, err = await go_back()
            equal((code, err), (0, ""), f"a rollback to a path that is free again: {out!r}")
            equal((await moved.data("which"))["version"], 1, "after the rollback")
