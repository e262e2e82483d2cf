#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Lines of files and functions. A C function runs from the "{" in the first column to the "}" in
the first column; a Lua function from the line that opens it to the "end" at its indentation,
without the functions inside it: a module made by a closure holds everything."""

import ast
import re

import tree

FILE_LINES = {".c": 600, ".h": 150, ".lua": 300, ".py": 600, ".js": 300}
FUNCTION_LINES = 80
LUA_FUNCTION = re.compile(r"^(\s*)(?!--)\S?.*\bfunction\b(?!.*\bend\b)")


def c_functions(lines):
    """(first line, count) of each."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            yield start, number - start + 1
            start = None


def lua_functions(lines):
    spans = []
    for number, line in enumerate(lines, 1):
        match = LUA_FUNCTION.match(line)
        if match is None:
            continue
        end = re.compile(match[1] + r"end\b")
        for last, later in enumerate(lines[number:], number + 1):
            if end.match(later):
                spans.append((number, last))
                break
    for first, last in spans:
        inner = {line for a, b in spans if first < a and b < last for line in range(a, b + 1)}
        yield first, last - first + 1 - len(inner)


def python_functions(lines):
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


FUNCTIONS = {".c": c_functions, ".h": c_functions, ".lua": lua_functions, ".py": python_functions}


def main():
    root = tree.parser(__doc__).parse_args().root
    faults = []
    paths = tree.files(root, *FILE_LINES)
    for path in paths:
        name = path.relative_to(root)
        lines = path.read_text().splitlines()
        most = FILE_LINES[path.suffix]
        if len(lines) > most:
            faults.append(f"{name}:{most + 1}: {len(lines)} lines, at most {most} are wanted")
        for start, count in FUNCTIONS.get(path.suffix, lambda lines: ())(lines):
            if count > FUNCTION_LINES:
                faults.append(f"{name}:{start}: a function of {count} lines, "
                              f"at most {FUNCTION_LINES} are wanted")
    tree.finish(len(paths), faults)


if __name__ == "__main__":
    main()
