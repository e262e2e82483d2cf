# SPDX-License-Identifier: MIT
"""Runs one play: play.py room/late_joiner_gets_no_history.py

A play in Python is a file with `async def play(stage)`. A play in JavaScript begins with a
comment that holds the server's settings as JSON, and is run by node against that server; what it
has to say about the world it tells by its exit code.

TIDEGATE: the program under test. TIDEGATE_COUNTS: test or full. TIDEGATE_SEED: to repeat a run.
TIDEGATE_TLS: 1 for TLS in plays that leave it open. TIDEGATE_PATIENCE: deadlines are multiplied by
it. TIDEGATE_SANITIZE: the sanitizers that the program was built with, if any."""
import asyncio
import importlib.util
import json
import os
import re
import sys
import time
import traceback

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import server as servers  # noqa: E402
from stage import Stage, seed_of_this_run  # noqa: E402


def load(path):
    spec = importlib.util.spec_from_file_location("the_play", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.play, getattr(module, "DEADLINE", 60), module.__doc__


def load_javascript(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    header = re.search(r"/\* stage: (\{.*?\}) \*/", text, re.S)
    if not header:
        raise servers.Failed(f"{path} has no stage comment")
    settings = json.loads(header.group(1))
    if settings.get("gateways") == "shipped":
        settings["gateways"] = servers.SHIPPED
    about = re.search(r"/\* about: (.*?) \*/", text, re.S)

    async def play(stage):
        async with stage.server(**settings) as server:
            environment = dict(
                os.environ, URL=server.url(""), ADMIN=f"http://127.0.0.1:{server.admin_port}",
                COUNTS=stage.counts, SEED=str(stage.seed), PATIENCE=str(servers.PATIENCE),
                NODE_PATH=f"/usr/share/nodejs:{servers.HERE}",
            )
            if server.tls and server.tls[0]:
                environment["NODE_EXTRA_CA_CERTS"] = server.tls[0].certificate
            child = await asyncio.create_subprocess_exec(
                "node", path, env=environment, stdin=asyncio.subprocess.DEVNULL,
                preexec_fn=lambda: servers.before_exec(None),
            )
            try:
                code = await asyncio.wait_for(child.wait(), servers.patient(45))
            except asyncio.TimeoutError:
                child.kill()
                await child.wait()
                raise servers.Failed("the node client did not end") from None
            if code != 0:
                raise servers.Failed(f"the node client ended with {code}")

    return play, 60, about.group(1) if about else None


async def run(play, deadline, stage):
    await asyncio.wait_for(play(stage), servers.patient(deadline))


def main():
    path = os.path.abspath(sys.argv[1])
    counts = os.environ.get("TIDEGATE_COUNTS", "test")
    if counts not in ("test", "full"):
        sys.exit(f"TIDEGATE_COUNTS is {counts!r}, not test or full")
    stage = Stage(counts, seed_of_this_run())
    begun = time.monotonic()
    verdict = 1
    try:
        play, deadline, about = (load_javascript if path.endswith(".js") else load)(path)
        if not about:
            raise servers.Failed("the play does not say what it is about")
        print(" ".join(about.split()), flush=True)
        asyncio.run(run(play, deadline, stage))
        verdict = 0
    except asyncio.TimeoutError:
        traceback.print_exc()
        print("FAILED: the play took too long")
    except Exception as failure:  # pylint: disable=broad-except
        traceback.print_exc()
        print(f"FAILED: {failure}")
    told = " ".join(f"{name}={value}" for name, value in stage.told.items())
    print(f"{'passed' if verdict == 0 else 'failed'} in {time.monotonic() - begun:.2f} s "
          f"counts={counts} seed={stage.seed} {told}".rstrip())
    sys.exit(verdict)


if __name__ == "__main__":
    main()
