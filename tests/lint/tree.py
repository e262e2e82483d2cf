# SPDX-License-Identifier: MIT
"""The files that the checks look at, and how a check reports.

A check is a program that takes --root DIR (default: the tree it stands in), prints one line
"file:line: what is wrong" per fault and exits 1 when there was one."""

import argparse
import pathlib
import re
import sys

SKIPPED = {"build", ".git", "__pycache__", "corpus"}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def parser(text):
    options = argparse.ArgumentParser(description=text)
    options.add_argument("--root", type=pathlib.Path,
                         default=pathlib.Path(__file__).resolve().parents[2])
    return options


def files(root, *suffixes, below=""):
    """All files with one of the suffixes, sorted; those of the build and of version control are
    left out. Paths are absolute."""
    top = root / below
    if not top.is_dir():
        return []
    found = []
    for path in sorted(top.rglob("*")):
        if SKIPPED & set(path.relative_to(root).parts) or not path.is_file():
            continue
        if path.suffix in suffixes:
            found.append(path)
    return found


def includes(path):
    """(line number, is foreign, name) of each #include."""
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1) == "<", match.group(2)


def finish(checked, faults):
    """Prints the faults and leaves. A check that looked at nothing has failed."""
    for fault in faults:
        print(fault)
    if not checked:
        print("nothing to check here: wrong --root?")
        faults = ["nothing"]
    print(f"{checked} checked, {len(faults)} faults")
    sys.exit(1 if faults else 0)
