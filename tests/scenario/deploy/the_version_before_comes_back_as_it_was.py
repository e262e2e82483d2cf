# SPDX-License-Identifier: MIT
"""While the trial of a new version goes on, `tidegate rollback` brings the one before back in all
workers: its variables are what they were, client.state is what the client has meanwhile, its timers
go on with the rest of their time, and neither save nor restore runs."""
import deploying
from stage import equal

MORE = """
local calls, restored = 0, 0

function events.count(client)
  calls = calls + 1
  client.state.count = (client.state.count or 0) + 1
  return { calls = calls, mine = client.state.count, restored = restored }
end

function events.ring(_, ms)
  tide.after(ms, function()
    tide.broadcast("rang", %(version)s)
  end)
end

do
  return {
    path = "/live",
    events = events,
    save = function()
      return {}
    end,
    restore = function()
      restored = restored + 1
    end,
  }
end
"""


def text(version):
    return deploying.text(version, MORE % {"version": version})


async def play(stage):
    rounds = stage.count("rounds", 2, 10)
    with deploying.gateways(text(1)) as root:
        async with stage.server(gateways=root, workers=2) as server:
            alice = await stage.client_on(1, server, "alice", "/live")
            bob = await stage.client_on(2, server, "bob", "/live")
            equal(await alice.data("count"), {"calls": 1, "mine": 1, "restored": 0}, "at first")
            for number in range(1, 1 + rounds):
                await alice.send("ring", 4000)
                deploying.write(root, text(1 + number))
                await deploying.all_run([alice, bob], 1 + number)
                equal(await alice.data("count"),
                      {"calls": 1, "mine": 2 * number, "restored": 1}, "on the new version")
                equal((await server.ask("rollback live"))[0], "ok", "the rollback")
                await deploying.all_run([alice, bob], 1)
                equal(await alice.data("count"),
                      {"calls": 1 + number, "mine": 2 * number + 1, "restored": 0}, "back again")
                for actor in (alice, bob):
                    equal(await actor.hears("rang", within=8), 1, f"what rang for {actor.name}")
