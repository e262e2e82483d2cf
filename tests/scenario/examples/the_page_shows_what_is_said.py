# SPDX-License-Identifier: MIT
"""examples/browser/index.html, its script run by node over a few lines of DOM: from the origin its
README names it talks to the gateway beside it and shows what comes; from another, or opened as a
file, it is refused."""
import asyncio
import os

import server as servers
from stage import check, equal

BROWSER = os.path.join(servers.ROOT, "examples", "browser")
WINDOW = os.path.join(servers.HERE, "window.cjs")


async def open_page(server, origin, text):
    """What the page shows in the end: its status line, and the messages."""
    child = await asyncio.create_subprocess_exec(
        "node", WINDOW, os.path.join(BROWSER, "index.html"), server.url("/chat"), origin, text,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        env=dict(os.environ, NODE_PATH="/usr/share/nodejs"),
        preexec_fn=lambda: servers.before_exec(None))
    out, _ = await asyncio.wait_for(child.communicate(), servers.patient(20))
    equal(child.returncode, 0, "the page's exit code")
    status, *messages = out.decode().splitlines()
    return status, messages


async def play(stage):
    async with stage.server(gateways=os.path.join(BROWSER, "gateways")) as server:
        status, messages = await open_page(server, "http://localhost:8000", "<b>hello</b>")
        check(status.startswith("connected"), f"the page says {status!r}")
        equal(len(messages), 1, "messages shown")
        check(messages[0].endswith(": <b>hello</b>"), f"shown as text: {messages[0]!r}")
        for origin in ("null", "https://elsewhere.example"):
            status, messages = await open_page(server, origin, "hello")
            check(status.startswith("not connected"), f"from {origin} it says {status!r}")
            equal(messages, [], f"messages shown to {origin}")
