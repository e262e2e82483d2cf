#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What must not stand in the text: assert() in C, marks of unfinished work, tabs, blanks at the
end of a line, lines over 100 columns, files without the licence's line, files named for nothing."""

import re

import tree

SUFFIXES = (".c", ".h", ".def", ".lua", ".py", ".js", ".cjs", ".html", ".md", ".cmake", ".txt")
LICENSED = {".c", ".h", ".def", ".lua", ".py", ".js", ".cjs"}
NARROW = {".c", ".h", ".def", ".lua", ".py", ".js", ".cjs"}
COLUMNS = 100
NAMED_FOR_NOTHING = {"utils", "util", "common", "misc", "helper", "helpers", "manager"}
LICENCE = "SPDX-License-Identifier: MIT"
UNFINISHED = re.compile(r"\b(" + "TO" + "DO|FIX" + r"ME|X{3})\b")
STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
ASSERT = re.compile(r'(?<![\w.>])assert\s*\(|#\s*include\s*<assert\.h>')


def line_faults(suffix, line):
    """What is wrong with one line."""
    if UNFINISHED.search(line):
        yield "unfinished work"
    if "\t" in line:
        yield "a tab"
    if line != line.rstrip():
        yield "blanks at the end of the line"
    if suffix in NARROW and len(line) > COLUMNS:
        yield f"{len(line)} columns, at most {COLUMNS} are wanted"
    if suffix in {".c", ".h"} and ASSERT.search(STRING.sub('""', line)):
        yield "assert(): tg_require or tg_check (base/check.h) says what is meant"


def main():
    root = tree.parser(__doc__).parse_args().root
    faults = []
    paths = tree.files(root, *SUFFIXES)
    for path in paths:
        name = path.relative_to(root)
        text = path.read_text()
        lines = text.split("\n")
        if path.stem in NAMED_FOR_NOTHING:
            faults.append(f"{name}:1: a file is named for its noun, not {path.stem}")
        if path.suffix in LICENSED and not any(LICENCE in line for line in lines[:2]):
            faults.append(f"{name}:1: the first line is {LICENCE}")
        if text and not text.endswith("\n"):
            faults.append(f"{name}:{len(lines)}: no newline at the end of the file")
        for number, line in enumerate(lines, 1):
            faults += [f"{name}:{number}: {fault}" for fault in line_faults(path.suffix, line)]
    tree.finish(len(paths), faults)


if __name__ == "__main__":
    main()
