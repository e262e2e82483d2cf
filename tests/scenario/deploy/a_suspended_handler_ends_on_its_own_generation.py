# SPDX-License-Identifier: MIT
"""A handler that sleeps while its gateway is deployed anew wakes up in the generation that it
began in, and answers; what its client sends next, and others send meanwhile, runs on the new one.
"""
import folders
from stage import check, equal


async def play(stage):
    rounds = stage.count("rounds", 2, 10)
    with folders.root("echo") as root:
        async with stage.server(gateways=root.path) as server:
            alice = await stage.client(server, "alice", "/echo")
            bob = await stage.client(server, "bob", "/echo")
            before, said = await alice.data("generation"), "first"
            for number in range(1, rounds + 1):
                await alice.ask("nap", 2500)
                nap = alice.last_id
                root.say("echo", f"round {number}")
                live = await server.goes_live("echo", 1 + number)
                generation = f"{live['generation']}-{live['counter']}"
                equal(await bob.data("generation"), generation, "where bob is served")
                await alice.ask("generation")
                answer = await alice.answer(nap, within=5)
                equal(answer, {"data": {"words": said, "generation": before}}, "the nap's answer")
                equal(await alice.answer(alice.last_id), {"data": generation}, "the one after it")
                check(generation != before, "it is another generation")
                before, said = generation, f"round {number}"
