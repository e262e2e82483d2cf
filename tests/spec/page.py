#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Runs every example of docs/testing.md: a block of Lua is the file that the text before it names
in backquotes, a block of sh is run where these files stand."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NAME = re.compile(r"`([\w./]*\.(?:lua|busted)|\.busted)`")


def main():
    page = ROOT / "docs" / "testing.md"
    text = page.read_text()
    environment = dict(os.environ, LUA_PATH=f"{ROOT}/lua/?.lua;;",
                       LUA_CPATH=f"{sys.argv[1]};;",
                       PATH=f"{os.path.dirname(os.environ['TIDEGATE'])}:/usr/bin:/bin")
    ran = files = 0
    with tempfile.TemporaryDirectory() as folder:
        blocks = list(BLOCK.finditer(text))
        for block in blocks:
            if block[1] == "lua":
                before = text[:block.start()].rstrip().rsplit("\n\n", 1)[-1]
                name = NAME.findall(before)[-1]
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(block[2])
                files += 1
        for block in blocks:
            if block[1] == "sh":
                run = subprocess.run(["sh", "-ec", block[2]], cwd=folder, env=environment,
                                     capture_output=True, text=True, timeout=100)
                print(run.stdout, run.stderr)
                if run.returncode != 0:
                    sys.exit(f"docs/testing.md: this failed:\n{block[2]}")
                ran += run.stdout.count(" 0 failures")
    if not ran or files < 5:
        sys.exit("docs/testing.md: no examples were run")


if __name__ == "__main__":
    main()
