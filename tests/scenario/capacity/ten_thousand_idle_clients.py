# SPDX-License-Identifier: MIT
"""Ten thousand clients sit idle on two workers, each costs the server's processes 3 KiB at most;
then all of them ask at once, and each gets its one answer."""
import asyncio
import os
import resource

from server import IS_SANITIZED, SPEAKS_TLS
from stage import check, equal

TIER = "full"
DEADLINE = 170
AT_ONCE = 100
MOST_BYTES_EACH = 3 * 1024


def raise_descriptor_limit(wanted):
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    check(hard == resource.RLIM_INFINITY or hard >= wanted,
          f"at most {hard} descriptors for a process, {wanted} are wanted")
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def resident(server):
    """Octets of all the server's processes, by the process's name."""
    names = {server.pid: "supervisor", **server.children()}
    sizes = {}
    for pid, name in names.items():
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:
            sizes[name] = int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return sizes


def sockets_of_workers(server):
    return {name: len(os.listdir(f"/proc/{pid}/fd")) for pid, name in server.children().items()
            if "-w" in name}


async def play(stage):
    crowd = stage.count("clients", 2000, 10000)
    raise_descriptor_limit(crowd + 200)
    async with stage.server(workers=2, max_connections=crowd, log_level="info") as server:
        empty = resident(server)
        actors = []
        for start in range(0, crowd, AT_ONCE):
            actors += await asyncio.gather(*(
                stage.client(server, f"client {start + i}", "/north", compression=None)
                for i in range(AT_ONCE)))
        await server.metric_becomes("ws_connections", crowd)
        # Long enough for what the handshakes left behind to be given back.
        await asyncio.sleep(3)
        idle = resident(server)
        equal(set(idle), set(empty), "the processes")
        each = (sum(idle.values()) - sum(empty.values())) / crowd
        stage.tell("bytes_each", round(each))
        held = sockets_of_workers(server)
        stage.tell("descriptors", "+".join(str(count) for count in held.values()))
        check(len(held) == 2 and min(held.values()) > crowd // 3, f"both serve: {held}")
        check(IS_SANITIZED or SPEAKS_TLS or each <= MOST_BYTES_EACH,
              f"each costs {each:.0f} octets: {empty} empty, {idle} with {crowd}")

        ids = await asyncio.gather(*(actor.data("id", within=20) for actor in actors))
        equal(len(set(ids)), crowd, "answers, each another client's")
        for actor in actors:
            await actor.heard_nothing()
        busy = resident(server)
        stage.tell("bytes_each_after", round((sum(busy.values()) - sum(empty.values())) / crowd))
        equal(await server.metric("ws_connections"), crowd, "connections after all have asked")
        equal(await server.metric("ws_messages_in_total"), crowd, "messages that had a handler")
        # An abort is no loss: the play is over.
        for actor in actors:
            actor.vanish()
        await server.metric_becomes("ws_connections", 0, within=20)
