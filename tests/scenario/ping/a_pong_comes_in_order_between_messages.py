# SPDX-License-Identifier: MIT
"""A ping between two messages is answered between their answers, with its own payload."""
from raw import PING, PONG, TEXT, frame
from stage import equal


async def play(stage):
    rounds = stage.count("rounds", 50, 2000)
    async with stage.server() as server:
        for path, wrap in [("/raw", lambda text: text.encode()),
                           ("/answers", lambda text: b'{"id":"%s","data":1}' % text.encode())]:
            alice = await stage.raw(server, path)
            for number in range(rounds):
                octets, wanted = b"", []
                for step in range(3):
                    text = f"{number}-{step}"
                    if path == "/raw":
                        octets += frame(TEXT, text)
                    else:
                        octets += frame(TEXT, '{"event":"value","data":1,"id":"%s"}' % text)
                    octets += frame(PING, f"ping {text}")
                    wanted += [(TEXT, wrap(text)), (PONG, f"ping {text}".encode())]
                alice.send(octets)
                got = [await alice.read_frame() for _ in wanted]
                equal([(one.opcode, one.payload) for one in got], wanted, f"{path}: the order")
            alice.hang_up()
