# SPDX-License-Identifier: MIT
"""Gateways that change while the server runs, and which generation answers."""
import asyncio
import contextlib
import os
import tempfile
import time

import folders
from server import Failed, patient

GATEWAY = """-- SPDX-License-Identifier: MIT
local tide = require "tidegate"
local events = {}

function events.which()
  return { generation = tide.generation, version = %(version)s, worker = tide.worker }
end

function events.worker()
  return tide.worker
end

%(more)s
return { path = "/live", events = events }
"""


def text(version, more=""):
    return GATEWAY % {"version": version, "more": more}


def text_at(path, version):
    return text(version).replace('path = "/live"', f'path = "{path}"')


def write(root, content, name="live"):
    """Puts the gateway's file there by a rename, as careful editors do."""
    folders.replace(os.path.join(root, name, "gateway.lua"), content)


@contextlib.contextmanager
def gateways(content=None):
    """A directory of gateways with "live" in it."""
    with tempfile.TemporaryDirectory() as root:
        write(root, content or text(1))
        yield root


async def all_run(actors, version, within=5):
    """Waits until every actor is answered by that version; the generation, the same for all."""
    end = time.monotonic() + patient(within)
    while True:
        answers = [await actor.data("which") for actor in actors]
        if all(answer["version"] == version for answer in answers):
            generations = {answer["generation"] for answer in answers}
            if len(generations) != 1:
                raise Failed(f"workers run different generations: {answers}")
            return generations.pop()
        if time.monotonic() > end:
            raise Failed(f"version {version} is not live everywhere in {within} s: {answers}")
        await asyncio.sleep(0.02)
