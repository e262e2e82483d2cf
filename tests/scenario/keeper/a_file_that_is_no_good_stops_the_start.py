# SPDX-License-Identifier: MIT
"""A tenants or revocations file that is missing, or makes no sense, is an error of the start that
names key, file and line."""
import os
import tempfile

from kept import write
from server import run_once
from stage import check, equal


async def play(stage):
    with tempfile.TemporaryDirectory() as folder:
        tenants = os.path.join(folder, "tenants.lua")
        revocations = os.path.join(folder, "revocations")
        serve = ["serve", "--gateways", folder, "--listen", "127.0.0.1:0", "--admin", "off"]
        cases = [
            (None, "cannot be opened: No such file or directory"),
            ("return {\n  a = 5 }\n", 'tenants.lua:2: a: expected a table such as'),
            ("return {", "tenants.lua:1: unexpected symbol"),
        ]
        for text, reason in cases:
            if text is not None:
                write(tenants, text)
            status, _, err = await run_once(serve, {"tenants_file": tenants})
            equal(status, 1, "the exit status")
            check(f"tidegate: tenants.file: {tenants}" in err and reason in err, err)
        os.mkfifo(revocations)
        status, _, err = await run_once(serve, {"auth_revocations": revocations})
        equal(status, 1, "the exit status")
        check(f"auth.revocations: {revocations}: not a regular file" in err, err)
