# SPDX-License-Identifier: MIT
"""Clients of two workers count in client.state, are in rooms, and each worker counts in a variable
that save and restore carry: versions come and go, and all of it goes on. Timers are the version's
that set them."""
import asyncio

import deploying
from stage import equal

GATEWAY = """-- SPDX-License-Identifier: MIT
local tide = require "tidegate"
local seen = 0
local events = {}

function events.which()
  return { generation = tide.generation, version = %(version)s, worker = tide.worker }
end

function events.worker()
  return tide.worker
end

function events.count(client, room)
  client:join(room)
  client.state.count = (client.state.count or 0) + 1
  seen = seen + 1
  return { mine = client.state.count, seen = seen, rooms = #client:rooms() }
end

function events.ring(_, ms)
  tide.after(ms, function()
    tide.broadcast("rang", %(version)s)
  end)
end

function events.tell()
  tide.room("both"):emit("told", %(version)s)
end

return {
  path = "/live",
  events = events,
  save = function()
    return { seen = seen }
  end,
  restore = function(saved)
    seen = saved.seen
  end,
}
"""


async def play(stage):
    versions = stage.count("versions", 3, 20)
    with deploying.gateways(GATEWAY % {"version": 1}) as root:
        async with stage.server(gateways=root, workers=2) as server:
            alice = await stage.client_on(1, server, "alice", "/live")
            bob = await stage.client_on(2, server, "bob", "/live")
            for version in range(1, 1 + versions):
                for actor in (alice, bob):
                    equal(await actor.data("count", "both"),
                          {"mine": version, "seen": version, "rooms": 1}, actor.name)
                await alice.send("ring", 4000)
                await alice.data("which")
                deploying.write(root, GATEWAY % {"version": version + 1})
                await deploying.all_run([alice, bob], version + 1)
                await alice.send("tell")
                for actor in (alice, bob):
                    equal(await actor.hears("told"), version + 1, actor.name)
            # The live one's rings, the others' don't.
            await alice.send("ring", 4200)
            equal(await alice.hears("rang", within=8), versions + 1, "what rang")
            await asyncio.sleep(0.5)
            await alice.data("which")
            await alice.heard_nothing()
            equal(await server.metric("script_handover_lost_total"), 0, "what was lost")
