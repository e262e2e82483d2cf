# SPDX-License-Identifier: MIT
"""A folder that stays away is removed, and its sockets are told so with 1012; one that comes back
in time is not; tidegate remove does it at once. A root that vanishes, or loses all its gateways at
once, removes nothing."""
import asyncio
import os
import shutil

import folders
from server import patient, run_once
from stage import check, equal


async def vanish_and_come_back(stage, root, server, names):
    """Nobody is closed meanwhile, and the fault of the root is told while it stands."""
    server.allow_error("the directory of the gateways is at fault|root is in no order")
    sockets = [await stage.client(server, name, f"/{name}") for name in names]
    for lose in (lambda: os.rename(root.path, root.path + ".away"),
                 lambda: (shutil.copytree(root.path, root.path + ".away"),
                          [root.take_away(name) for name in names])):
        lose()
        await server_has_root_fault(server, True)
        await asyncio.sleep(3)
        for name, socket in zip(names, sockets):
            equal(await socket.data("words"), "first", f"{name} while the root is lost")
            equal((await server.gateway(name))["counter"], 1, f"{name}'s counter")
        shutil.rmtree(root.path, ignore_errors=True)
        os.rename(root.path + ".away", root.path)
        await server_has_root_fault(server, False)
    for name, socket in zip(names, sockets):
        equal(await socket.data("words"), "first", f"{name} when the root is back")
        await socket.leave()


async def server_has_root_fault(server, is_wanted):
    for _ in range(int(patient(400))):
        if ((await server.status())["root_fault"] is not None) == is_wanted:
            return
        await asyncio.sleep(0.02)
    check(False, f"the root's fault {'stands' if is_wanted else 'is over'}")


async def play(stage):
    with folders.root("stays", "leaves", "blinks", "removed") as root:
        async with stage.server(gateways=root.path, deploy_remove_after="2s") as server:
            names = ["stays", "leaves", "blinks", "removed"]
            await vanish_and_come_back(stage, root, server, names)
            sockets = {name: await stage.client(server, name, f"/{name}") for name in names}
            os.rename(root.folder("blinks"), root.path + ".blinks")
            root.take_away("leaves")
            await asyncio.sleep(0.8)
            os.rename(root.path + ".blinks", root.folder("blinks"))
            equal(await sockets["leaves"].data("words"), "first", "not yet")
            await sockets["leaves"].is_closed(1012, "gateway removed", within=5)
            await stage.refuses(404, server, "/leaves")
            code, out, err = await run_once(
                ["remove", "removed", "--socket", server.control_path], within=30)
            equal((code, out, err), (0, "removed: removed\n", ""), "tidegate remove")
            await sockets["removed"].is_closed(1012, "gateway removed")
            await stage.refuses(404, server, "/removed")
            code, _, err = await run_once(
                ["remove", "nobody", "--socket", server.control_path], within=30)
            equal(code, 1, f"tidegate remove nobody: {err!r}")
            # Its folder is still there, and says nothing new.
            await asyncio.sleep(1)
            await stage.refuses(404, server, "/removed")
            root.say("removed", "again")
            await server.gateway_becomes("removed", lambda one: one and one["counter"] == 2,
                                         "is back with another content")
            back = await stage.client(server, "back", "/removed")
            equal(await back.data("words"), "again", "what came back")
            for name in ("stays", "blinks"):
                equal(await sockets[name].data("words"), "first", f"{name} in the end")
