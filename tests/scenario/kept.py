# SPDX-License-Identifier: MIT
"""Files that a server watches, and what becomes of clients when they change."""
import asyncio
import contextlib
import os
import time

import websockets

from server import Failed, patient


def write(path, text):
    """In place: truncated, then written."""
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)


def replace(path, text):
    """By a rename, so that no reader ever sees a half."""
    write(path + ".new", text)
    os.rename(path + ".new", path)


async def until(what, ask, within=1):
    """Asks again and again until the answer is true; gives it."""
    end = time.monotonic() + patient(within)
    while True:
        answer = await ask()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Failed(f"{what} did not happen within {within} s")
        await asyncio.sleep(0.02)


async def let_in(stage, server, path, within=1, **options):
    """Until a client is let in; gives it."""
    async def ask():
        with contextlib.suppress(websockets.InvalidStatusCode):
            return await stage.client(server, "newcomer", path, **options)
        return None
    return await until(f"an open door at {path}", ask, within)


async def shut_out(stage, server, status, path, within=1, **options):
    """Until the handshake is refused with this status."""
    async def ask():
        return (await stage.answer(server, path, **options))[0] == status
    await until(f"a {status} at {path}", ask, within)


def keepers(server):
    """The pids of the keeper, and of one that has died and was not yet waited for."""
    return [pid for pid, name in server.children().items() if name == "tidegate-keeper"]
