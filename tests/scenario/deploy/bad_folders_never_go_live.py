# SPDX-License-Identifier: MIT
"""Gateways' folders become bad in three hundred ways, of gateways that are live and of new
ones: none of it ever goes live, each is told with its step, its file and a reason, the
generation before serves on, and no socket waits longer than 50 ms for an answer. When a folder
is good again, its fault is over and nothing was deployed."""
import os
import tempfile

import bad_folders
import folders
import numbered
from server import IS_SANITIZED
from stage import check, equal

DEADLINE = 900
TIMEOUT = 3000
ALONE = "it judges how long sockets wait"

VICTIMS = 8
STEPS = {"scan", "load", "selftest", "prepare"}


class House:
    """A root with a gateway under load, and the victims with a socket each."""

    def __init__(self, stage, server, root):
        self.stage = stage
        self.server = server
        self.root = root
        self.names = [f"victim{number}" for number in range(VICTIMS)]
        self.sockets = {}

    async def open(self):
        for name in self.names:
            self.sockets[name] = await self.stage.client(self.server, name, f"/{name}")

    def put(self, name, case=None):
        """In one step: another folder, made bad if there is a case, takes the place of this one."""
        with tempfile.TemporaryDirectory(dir=os.path.dirname(self.root.path)) as aside:
            made = folders.Root(os.path.join(aside, "made"))
            os.mkdir(made.path)
            made.add(name)
            if case:
                case.do(made.folder(name))
            if os.path.exists(self.root.folder(name)):
                os.rename(self.root.folder(name), os.path.join(aside, "before"))
            os.rename(made.folder(name), self.root.folder(name))

    async def is_refused(self, name, case):
        found = await self.server.gateway_becomes(
            name, lambda one: one is not None and one["fault"] is not None,
            f"({case.label}) is refused", within=30)
        fault = found["fault"]
        check(fault["step"] in STEPS, f"{case.label}: a step of the deploy, not {fault['step']}")
        check(fault["text"].strip() != "", f"{case.label}: a reason")
        check((fault["file"] or "").startswith(self.root.folder(name)),
              f"{case.label}: a file, not {fault['file']}")
        check(case.fits(fault, self.root.folder(name)), f"{case.label}: told is {fault}")
        return found

    async def round(self, cases):
        """Each victim gets one; then they are good again."""
        victims = dict(zip(self.names, cases))
        for name, case in victims.items():
            self.put(name, case)
        for name, case in victims.items():
            found = await self.is_refused(name, case)
            equal(found["counter"], 1, f"{case.label}: the live counter")
            equal(await self.sockets[name].data("words"), "first", f"{case.label}: what serves")
        for name in victims:
            self.put(name)
        for name, case in victims.items():
            found = await self.server.gateway_becomes(
                name, lambda one: one["fault"] is None, f"({case.label}) is good again", within=20)
            equal(found["counter"], 1, f"{case.label}: the counter when it is good again")

    async def newcomer(self, case):
        """It has never been live: there is nobody at its path."""
        self.put("aside", case)
        found = await self.is_refused("aside", case)
        equal((found["state"], found["counter"]), ("new", 0), f"{case.label}: what it is")
        await self.stage.refuses(404, self.server, "/aside")
        self.root.take_away("aside")
        await self.server.gateway_becomes("aside", lambda one: one is None, "is forgotten",
                                          within=20)


async def play(stage):
    cases = bad_folders.cases()
    count = stage.count("folders", 32, len(cases))
    cases = stage.random.sample(cases, count)
    sockets = stage.count("sockets", 50, 200)
    newcomers = stage.count("newcomers", 2, 20)
    taken = bad_folders.Case("the path of another", bad_folders.code(
        'return { path = "/echo", events = {} }'))
    with folders.root("echo") as root:
        for number in range(VICTIMS):
            root.add(f"victim{number}")
        async with stage.server(gateways=root.path, workers=2, deploy_remove_after="1s",
                                load_budget="2s" if IS_SANITIZED else "200ms",
                                script_memory="8MiB") as server:
            server.allow_error("victim|aside")
            house = House(stage, server, root)
            await house.open()

            async def run(_):
                async with numbered.load(server, "/echo", sockets, baseline=4) as load:
                    for at in range(0, count, VICTIMS):
                        await house.round(cases[at:at + VICTIMS])
                        load.is_alive()
                    for case in cases[:newcomers]:
                        await house.newcomer(case)
                    await house.round([taken])
                    return await load.end()

            await numbered.until_in_time(stage, run)
            equal(await server.metric("tidegate_worker_restarts_total"), 0, "workers replaced")
            equal((await server.gateway("echo"))["counter"], 1, "the one under load")
