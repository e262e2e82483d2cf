# SPDX-License-Identifier: MIT
"""Alice's handler sleeps while a new version goes live: it ends and answers on its own version, her
later messages wait for it and are answered by the new one, in order, and nobody else waits."""
import deploying
from stage import equal

SLEEP = """
function events.nap(client, ms)
  client:join("nappers")
  tide.sleep(ms)
  client:broadcast("woke", { version = %(version)s, rooms = client:rooms() })
  return %(version)s
end
"""


def text(version):
    return deploying.text(version, SLEEP % {"version": version})


async def play(stage):
    rounds = stage.count("rounds", 2, 10)
    with deploying.gateways(text(1)) as root:
        async with stage.server(gateways=root, workers=1) as server:
            alice = await stage.client(server, "alice", "/live")
            bob = await stage.client(server, "bob", "/live")
            for version in range(1, 1 + rounds):
                await alice.ask("nap", 3000, number=1)
                await alice.ask("which", number=2)
                await alice.ask("which", number=3)
                deploying.write(root, text(version + 1))
                await deploying.all_run([bob], version + 1)
                await alice.ask("which", number=4)
                woke = await bob.hears("woke", within=6)
                equal(woke, {"version": version, "rooms": ["nappers"]}, "what bob hears")
                await alice.hears("woke")
                equal(await alice.answer(1, within=6), {"data": version}, "her answer")
                for number in (2, 3, 4):
                    answer = await alice.answer(number)
                    equal(answer["data"]["version"], version + 1, f"the version of {number}")
            equal(await server.metric("ws_handler_errors_total"), 0, "errors of handlers")
