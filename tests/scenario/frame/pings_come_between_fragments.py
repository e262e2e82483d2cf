# SPDX-License-Identifier: MIT
"""Control frames between the fragments of a message are answered at once and don't disturb it."""
from raw import BINARY, CONTINUATION, PING, PONG, TEXT, frame
from stage import equal


async def play(stage):
    rounds = stage.count("rounds", 30, 1000)
    async with stage.server() as server:
        alice = await stage.raw(server, "/raw")
        for number in range(rounds):
            text = "".join(stage.random.choices("abä€\U0001f600", k=200)).encode()
            cuts = sorted(stage.random.sample(range(len(text)), 5))
            pieces = [text[i:j] for i, j in zip([0] + cuts, cuts + [len(text)])]
            opcode = TEXT if number % 2 else BINARY
            octets = b""
            for index, piece in enumerate(pieces):
                octets += frame(opcode if index == 0 else CONTINUATION, piece,
                                fin=index == len(pieces) - 1)
                if index < len(pieces) - 1:
                    octets += frame(PING, f"{number}.{index}") + frame(PONG, "unasked")
            # Sent in two writes, cut anywhere.
            cut = stage.random.randrange(len(octets))
            alice.send(octets[:cut])
            await alice.drain()
            alice.send(octets[cut:])
            for index in range(len(pieces) - 1):
                got = await alice.read_frame()
                equal((got.opcode, got.payload), (PONG, f"{number}.{index}".encode()), "the pong")
            got = await alice.read_frame()
            equal((got.fin, got.opcode, got.payload), (True, opcode, text), "the message")
        alice.hang_up()
