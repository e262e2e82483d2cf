# SPDX-License-Identifier: MIT
"""A gateway fills its memory with what it really holds: running out is an error it can catch, and
a fresh state takes over. Sockets, rooms and client.state stay, save and restore carry over, the
suspended handler ends with an error, and it does not come again at once."""
from stage import check, equal

ONE_WORKER = "the state that is full is one worker's"


async def play(stage):
    async with stage.server(script_memory="8MiB") as server:
        alice = await stage.client(server, "alice", "/hoard")
        bob = await stage.client(server, "bob", "/hoard")
        for actor in (alice, bob):
            await actor.data("join", "den")
            await actor.data("mark", {"name": actor.name})
        await bob.ask("sleep")
        equal(await alice.data("fill", within=10), [False, "not enough memory"], "the error")
        check(await server.metric("script_memory_total") >= 1, "running out is counted")
        line = await server.log_says(r'"a full state was replaced"')
        check("calls_ended=1" in line and "states_lost=0" in line, line)
        equal((await bob.answer(bob.last_id))["error"]["code"], "handler_error", "bob's sleep")
        seen = await alice.data("see")
        check(seen["held"] == 0 and seen["restored"]["held"] > 1000, f"a fresh state: {seen}")
        for actor in (alice, bob):
            seen = await actor.data("see")
            equal(seen["mark"], {"name": actor.name}, "client.state")
            equal(seen["rooms"], ["den"], "rooms")
        await alice.send("say", "still here")
        await alice.hears("said", "still here")
        await bob.hears("said", "still here")
        equal(await server.metric("script_renewals_total"), 1, "renewals")

        # Full again at once: nothing but errors until ten seconds have passed.
        equal(await bob.data("fill", within=10), [False, "not enough memory"], "the error")
        check((await bob.data("see"))["held"] > 1000, "the state is the same one")
        equal(await server.metric("script_renewals_total"), 1, "renewals")
        line = await server.log_says(r'"a full state was replaced"', within=15, count=2)
        equal((await bob.data("see"))["held"], 0, "held by the next state")
        equal(await server.metric("script_handover_lost_total"), 0, "losses")
