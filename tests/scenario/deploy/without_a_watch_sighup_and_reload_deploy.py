# SPDX-License-Identifier: MIT
"""With --no-watch a changed folder lies there unseen, until SIGHUP, or tidegate reload, which says
what became of each gateway and fails while a fault stands."""
import asyncio
import signal

import folders
from server import run_once
from stage import check, equal


async def play(stage):
    with folders.root("echo", "other") as root:
        async with stage.server(gateways=root.path, flags=["--no-watch"]) as server:
            async def reload(*names):
                return await run_once(["reload", "--socket", server.control_path, *names],
                                      within=30)

            root.say("echo", "second")
            await asyncio.sleep(1.5)
            equal((await server.gateway("echo"))["counter"], 1, "unseen")
            server.process.send_signal(signal.SIGHUP)
            await server.goes_live("echo", 2)
            root.say("echo", "third")
            code, out, err = await reload()
            equal((code, err), (0, ""), "tidegate reload")
            check("echo: " in out and "-3, deployed (trial, " in out, f"what it says: {out!r}")
            check("other: " in out and "-1, unchanged (" in out, f"what it says: {out!r}")
            alice = await stage.client(server, "alice", "/echo")
            equal(await alice.data("words"), "third", "what is live")
            code, out, _ = await reload("other")
            equal((code, out.count("\n")), (0, 1), f"tidegate reload other: {out!r}")
            code, out, err = await reload("nobody")
            equal((code, out), (1, ""), "tidegate reload nobody")
            check("no gateway is called so" in err, f"what it says: {err!r}")
            server.allow_error("step=load")
            folders.replace(root.file("echo", "gateway.lua"), "return {\n  path = 7,\n}\n")
            code, out, err = await reload()
            equal(code, 1, "tidegate reload of a bad folder")
            check("a fault stands" in err, f"what it says: {err!r}")
            check("echo: fault (load)" in out and "gateway.lua" in out, f"what it says: {out!r}")
            equal(await alice.data("words"), "third", "what is live")
