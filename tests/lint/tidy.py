#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""clang-tidy with .clang-tidy over every file of a build's compile_commands.json (--build DIR)
that stands in this tree. What was found clean is remembered in the build directory under a hash of
all that the verdict hangs on - the file, the headers of ours it includes, the command line, the
settings, the tool - so that a run over an unchanged tree takes seconds."""

import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import subprocess

import tree

TOOL = "clang-tidy-14"
# The build's compiler is gcc: how it optimizes is nothing to clang.
EXTRA = ["--extra-arg=-Wno-ignored-optimization-argument"]
# What includes sources of the product has them analyzed as files of their own; all of them as one
# the analyzer would walk through for minutes.
WHOLE = re.compile(r'^#include "[\w/]+\.c"', re.MULTILINE)
WITHOUT_ANALYZER = ["--checks=-clang-analyzer-*"]
SECONDS_MAX = 300  # for one file
REPORT = re.compile(r"^\S+:\d+:\d+: (warning|error): ")


def headers(path, folders, seen):
    """The files of ours that path includes, directly or not."""
    for _, _, name in tree.includes(path):
        for folder in (path.parent, *folders):
            header = (folder / name).resolve()
            if header.is_file():
                if header not in seen:
                    seen.add(header)
                    headers(header, folders, seen)
                break
    return seen


def key(root, entry, basis):
    path = pathlib.Path(entry["file"])
    folders = [root / "src", pathlib.Path(entry["directory"])]
    folders += [pathlib.Path(word) for word in re.findall(r"-I(\S+)", entry["command"])
                if word.startswith(str(root))]
    digest = hashlib.sha256(basis + entry["command"].encode())
    for file in [path, *sorted(headers(path, folders, set()))]:
        digest.update(str(file).encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def examine(entry, build):
    """The faults clang-tidy sees in one file."""
    is_whole = WHOLE.search(pathlib.Path(entry["file"]).read_text())
    words = EXTRA + WITHOUT_ANALYZER if is_whole else EXTRA
    try:
        run = subprocess.run([TOOL, "--quiet", *words, "-p", str(build), entry["file"]],
                             capture_output=True, text=True, timeout=SECONDS_MAX)
    except subprocess.TimeoutExpired:
        return [f"{entry['file']}:1: {TOOL} took over {SECONDS_MAX} s"]
    lines = run.stdout.splitlines()
    faults = [line for line in lines if REPORT.match(line)]
    if run.returncode != 0 and not faults:
        faults = [f"{entry['file']}:1: {TOOL} failed: {run.stderr.strip()[-400:]}"]
    return faults


def main():
    options = tree.parser(__doc__)
    options.add_argument("--build", type=pathlib.Path, required=True)
    arguments = options.parse_args()
    root, build = arguments.root.resolve(), arguments.build.resolve()
    version = subprocess.run([TOOL, "--version"], check=True, capture_output=True).stdout
    basis = version + b"".join(path.read_bytes() for path in sorted(root.glob("**/.clang-tidy")))
    cache = build / "tidy"
    cache.mkdir(exist_ok=True)
    # A file that many programs are made with is looked at once.
    ours = {entry["file"]: entry
            for entry in json.loads((build / "compile_commands.json").read_text())
            if root in pathlib.Path(entry["file"]).parents
            and build not in pathlib.Path(entry["file"]).parents}
    entries = list(ours.values())
    keys = {entry["file"]: key(root, entry, basis) for entry in entries}
    fresh = [entry for entry in entries if not (cache / keys[entry["file"]]).exists()]
    faults = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for entry, found in zip(fresh, pool.map(lambda entry: examine(entry, build), fresh)):
            faults += found
            if not found:
                (cache / keys[entry["file"]]).touch()
    print(f"{len(fresh)} of {len(entries)} files had changed")
    tree.finish(len(entries), sorted(set(faults)))


if __name__ == "__main__":
    main()
