# SPDX-License-Identifier: MIT
"""A command whose output can't be written (a full disk, a reader that went away) fails, and says
why: its exit status alone would be taken for what it was asked about."""
import deploying
from server import run_once
from stage import equal


async def play(_):
    with deploying.gateways() as root:
        commands = (["check", f"{root}/live"], ["check", "--json", f"{root}/live"], ["help"],
                    ["version"])
        for arguments in commands:
            with open("/dev/full", "wb") as full:
                code, _, errors = await run_once(arguments, stdout=full)
            equal((code, errors), (1, "tidegate: output: No space left on device\n"),
                  " ".join(arguments))
