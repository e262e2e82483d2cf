#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""luacheck by .luacheckrc over every Lua file but the annotation stubs (lua/meta), which declare
what they don't use."""

import re
import subprocess

import tree

REPORT = re.compile(r"^\s*(\S.*?:\d+:\d+: .*)$")


def main():
    root = tree.parser(__doc__).parse_args().root
    paths = [path.relative_to(root) for path in tree.files(root, ".lua")
             if path.relative_to(root).parts[:2] != ("lua", "meta")]
    faults = []
    if paths:
        run = subprocess.run(["luacheck", "--config", ".luacheckrc", "--no-color", "--codes",
                              "--formatter", "plain", *map(str, paths)],
                             cwd=root, capture_output=True, text=True)
        faults = [match[1] for match in map(REPORT.match, run.stdout.splitlines()) if match]
        if run.returncode != 0 and not faults:
            faults = [f"luacheck failed: {run.stdout}{run.stderr}"]
    tree.finish(len(paths), faults)


if __name__ == "__main__":
    main()
