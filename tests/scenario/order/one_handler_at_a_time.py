# SPDX-License-Identifier: MIT
"""While one of Alice's handlers sleeps, her next messages wait in order, and Bob is served. Far
more than the server holds for her is not lost either: reading pauses."""
from stage import equal


async def play(stage):
    async with stage.server() as server:
        alice = await stage.client(server, "alice", "/life?name=alice")
        bobs = await stage.client_on_each(server, "bob", "/life?name=witness")

        async def journal():
            return sum([await bob.data("journal", "alice") for bob in bobs], [])

        crowd = stage.count("messages", 500, 5000)
        await alice.send("nap", stage.count("nap_ms", 400, 5000))
        for number in range(crowd):
            await alice.send("note", f"says {number}")
        for bob in bobs:
            await bob.data("note", "is awake")
        notes = await journal()
        equal(notes, ["enters", "falls asleep"], "nothing of alice's ran while she slept")
        await alice.ask("note", "is done")
        equal(await alice.answer(alice.last_id, within=15), {"data": True}, "alice's last answer")
        notes = await journal()
        equal(notes, ["enters", "falls asleep", "wakes up"]
              + [f"says {number}" for number in range(crowd)] + ["is done"], "the order")
