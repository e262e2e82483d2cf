#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The C files are in the shape that .clang-format says; ./dev format puts them into it."""

import subprocess

import tree


def main():
    root = tree.parser(__doc__).parse_args().root
    paths = tree.files(root, ".c", ".h", below="src") + tree.files(root, ".c", ".h", below="tests")
    faults = []
    if paths:
        run = subprocess.run(["clang-format-14", "--dry-run", "--Werror", "--ferror-limit=1",
                              f"--style=file:{root / '.clang-format'}", *map(str, paths)],
                             capture_output=True, text=True)
        faults = [line for line in run.stderr.splitlines() if ": error: " in line]
        if run.returncode != 0 and not faults:
            faults = [run.stderr.strip()]
    tree.finish(len(paths), faults)


if __name__ == "__main__":
    main()
