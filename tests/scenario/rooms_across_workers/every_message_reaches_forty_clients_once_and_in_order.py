# SPDX-License-Identifier: MIT
"""Forty clients of one room over two workers talk all at once: each hears every message exactly
once, those of each speaker in the order they were said."""
import asyncio
import json

from stage import Failed, check, equal

DEADLINE = 180
CLIENTS = 40
AHEAD = 3  # messages of one speaker that it has not heard itself yet


async def enter(stage, server):
    """Forty in the plaza, at least ten on each worker."""
    actors = [await stage.client_on(number, server, f"{number}", "/north")
              for number in (1, 2) for _ in range(CLIENTS // 4)]
    actors += await asyncio.gather(
        *(stage.client(server, "somewhere", "/north") for _ in range(CLIENTS // 2)))
    for number, actor in enumerate(actors):
        actor.name = f"client {number}"
        await actor.data("join", "plaza")
    return actors


async def speak(actor, number, messages, ahead):
    for i in range(messages):
        await ahead.acquire()
        await actor.send("say", {"room": "plaza", "text": [number, i]})


async def listen(actor, number, messages, ahead):
    """All messages of all, each speaker's counted up without a gap."""
    heard = [0] * CLIENTS
    for _ in range(CLIENTS * messages):
        speaker, i = json.loads(await actor.hear(within=30))["data"]
        if i != heard[speaker]:
            raise Failed(f"{actor.name} heard {i} of {speaker} where {heard[speaker]} was due")
        heard[speaker] += 1
        if speaker == number:
            ahead.release()
    equal(heard, [messages] * CLIENTS, f"messages that {actor.name} heard of each")


async def play(stage):
    messages = stage.count("messages", 1000, 10000) // CLIENTS
    async with stage.server(workers=2) as server:
        actors = await enter(stage, server)
        equal(await actors[0].data("count", "plaza"), CLIENTS, "members on both workers")
        parts = []
        for number, actor in enumerate(actors):
            ahead = asyncio.Semaphore(AHEAD)
            parts += [speak(actor, number, messages, ahead),
                      listen(actor, number, messages, ahead)]
        await asyncio.gather(*parts)
        for actor in actors:
            await actor.heard_nothing()
        here = [await actor.data("worker") for actor in actors]
        check(min(here.count(1), here.count(2)) >= CLIENTS // 4, "both workers took part")
        equal(await server.metric("ws_publications_unavailable_total"), 0, "refused")
