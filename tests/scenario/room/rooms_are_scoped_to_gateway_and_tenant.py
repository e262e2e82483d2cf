# SPDX-License-Identifier: MIT
"""Two gateways, two tenants and none: six rooms of one name, and no word reaches over an edge."""
from stage import check, equal

TENANTS = ["acme", "globex", None]


async def play(stage):
    async with stage.server() as server:
        corners = {}
        for side in ("/north", "/south"):
            for tenant in TENANTS:
                pair = []
                for name in ("speaker", "listener"):
                    actor = await stage.client(server, f"{name} {side} {tenant}", side,
                                               tenant=tenant)
                    check(await actor.data("join", "plaza"), "joined")
                    pair.append(actor)
                corners[side, tenant] = pair
        for (side, tenant), (speaker, listener) in corners.items():
            text = f"{side} {tenant}"
            equal(await speaker.data("count", "plaza"), 2, f"members of the plaza in {text}")
            ids = {await speaker.data("id"), await listener.data("id")}
            equal(set(await listener.data("members", "plaza")), ids, f"members in {text}")
            await speaker.ask("say", {"room": "plaza", "text": text, "but_me": True})
            await speaker.answer(speaker.last_id)
            await listener.hears("said", text)
            await speaker.ask("shout", {"text": text, "but_me": True})
            await speaker.answer(speaker.last_id)
            await listener.hears("shouted", text)
            await speaker.ask("say_later", {"room": "plaza", "text": text, "ms": 20})
            await speaker.answer(speaker.last_id)
            await speaker.hears("said", text)
            await listener.hears("said", text)
        for speaker, listener in corners.values():
            await speaker.heard_nothing()
            await listener.heard_nothing()
