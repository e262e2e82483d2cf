# SPDX-License-Identifier: MIT
"""A gateway with on_text, on_binary and subprotocols: text and binary come back as they were, the
first subprotocol of the client's list that the gateway speaks is agreed."""
from stage import equal


async def play(stage):
    rounds = stage.count("rounds", 200, 5000)
    async with stage.server() as server:
        for offer, wanted in [(["raw.v1"], "raw.v1"), (["raw.v2"], "raw.v2"), (None, None),
                              (["other", "raw.v1"], "raw.v1")]:
            alice = await stage.client(server, "alice", "/raw", subprotocols=offer)
            equal(alice.connection.subprotocol, wanted, f"agreed from {offer}")
            await alice.leave()
        status, _, _ = await stage.answer(server, "/raw", headers={"Sec-WebSocket-Protocol": "x"})
        equal(status, 400, "none of the subprotocols is spoken")
        bob = await stage.client(server, "bob", "/whoami/here", subprotocols=["tidegate.v1"])
        equal(bob.connection.subprotocol, "tidegate.v1", "the events' own subprotocol")

        alice = await stage.client(server, "alice", "/raw")
        for number in range(rounds):
            length = stage.random.choice([0, 1, 125, 126, 127, 1000, 65535, 65536])
            if number % 2:
                message = stage.random.randbytes(length)
            else:
                message = "".join(stage.random.choices("aä€\U0001f600{}\0", k=length // 4))
            await alice.say(message)
            equal(await alice.hear() == message, True, f"message {number} comes back")
        await alice.say("close")
        await alice.is_closed(4000, "as you wish")
