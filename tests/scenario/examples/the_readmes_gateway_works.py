# SPDX-License-Identifier: MIT
"""The gateway that README.md shows runs as it stands there, and is no longer than the README says:
what Alice shouts, Bob hears; what is no text is refused."""
import os
import re
import tempfile

import server as servers
from stage import check, equal


def shown_gateway():
    with open(os.path.join(servers.ROOT, "README.md"), encoding="utf-8") as file:
        blocks = re.findall(r"```lua\n(.*?)```", file.read(), re.DOTALL)
    equal(len(blocks), 1, "the gateways shown in README.md")
    return blocks[0]


async def play(stage):
    text = shown_gateway()
    check(len(text.splitlines()) <= 10, "a gateway in ten lines has at most ten")
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "shout"))
        with open(os.path.join(folder, "shout", "gateway.lua"), "w", encoding="utf-8") as file:
            file.write(text)
        async with stage.server(gateways=folder) as server:
            bob = await stage.client(server, "Bob", "/shout")
            alice = await stage.client(server, "Alice", "/shout")
            await alice.send("shout", "hello")
            shouted = await bob.hears("shouted")
            equal(shouted["text"], "HELLO", "what Bob hears")
            await alice.hears("shouted", shouted)
            equal(await alice.error("shout", 7), "bad_request", "a shout without text")
            await bob.heard_nothing()
