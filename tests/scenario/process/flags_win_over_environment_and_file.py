# SPDX-License-Identifier: MIT
"""Defaults, file, environment, flags: the later wins. Seen by the cap that is in force."""
import os
import tempfile

from stage import equal

ONE_WORKER = "a seat is seen to be free again only on the same worker"


async def seats(stage, server):
    """How many clients the server lets in."""
    inside = []
    while (await stage.answer(server, "/north"))[0] == 101 and len(inside) < 9:
        inside.append(await stage.client(server, "someone", "/north"))
    for actor in inside:
        await actor.leave()
    return len(inside)


async def play(stage):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "tidegate.lua"), "w", encoding="utf-8") as file:
            file.write('local n = 1 + 1\nlimits = { max_connections = n, ping_interval = "5s" }\n'
                       'listen = { { address = "127.0.0.1", port = 0 } }\n')
        for settings, flags, wanted in [({}, [], 2), ({"max_connections": 3}, [], 3),
                                        ({"max_connections": 3}, ["--max-connections", "4"], 4),
                                        ({}, ["--max-connections=5"], 5)]:
            async with stage.server(cwd=folder, flags=flags, **settings) as server:
                equal(await seats(stage, server), wanted, f"seats with {settings} {flags}")
