#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The names that a gateway's author can use stand in three places, which must agree: the tables
of src/script/bind_*.c and of gateway_table.c, the stubs in lua/meta, the headings of
docs/lua-api.md."""

import re

import tree

# The object that a binding's rows belong to, by its file.
OBJECTS = {
    "bind_client": "client",
    "bind_room": "room",
    "bind_timer": "timer",
    "bind_log": "log",
    "bind_json": "json",
    "bind_tide": "tide",
    "gateway_table": "gateway",
}
TABLE = re.compile(
    r"^static const (?:luaL_Reg|struct part|struct tg_setting_key) (\w+)\[\] = \{(.*?)^\};",
    re.MULTILINE | re.DOTALL)
ROW = re.compile(r'\{"(\w+)",')
STUB = re.compile(r"^function (\w+)[.:](\w+)\(", re.MULTILINE)
CLASS = re.compile(r"^---@class (\w+)$")
FIELD = re.compile(r"^---@field (\w+)\??\s")
HEADING = re.compile(r"^### `(\w+)[.:](\w+)", re.MULTILINE)
# Tables inside of a key, told with the key.
NESTED = {"limit_keys"}


def bound(root):
    """Names in C; a file without rows is a fault of its own."""
    names, faults = set(), []
    for path in tree.files(root, ".c", below="src/script"):
        if path.stem.startswith("bind_") and path.stem not in OBJECTS:
            faults.append(f"{path.relative_to(root)}:1: api.py does not know this binding")
        if path.stem not in OBJECTS:
            continue
        found = {
            f"{OBJECTS[path.stem]}.{name}"
            for table, rows in TABLE.findall(path.read_text()) if table not in NESTED
            for name in ROW.findall(rows)
        }
        if not found:
            faults.append(f"{path.relative_to(root)}:1: no table of names was found")
        names |= found
    return names, faults


def stubbed(root):
    names = set()
    for path in tree.files(root, ".lua", below="lua/meta"):
        text = path.read_text()
        names |= {f"{owner}.{name}" for owner, name in STUB.findall(text)}
        owner = None
        for line in text.splitlines():
            if match := CLASS.match(line):
                owner = match[1]
            elif match := FIELD.match(line):
                names.add(f"{owner}.{match[1]}")
    return names


def documented(root):
    path = root / "docs" / "lua-api.md"
    text = path.read_text() if path.is_file() else ""
    return {f"{owner}.{name}" for owner, name in HEADING.findall(text)}


def main():
    root = tree.parser(__doc__).parse_args().root
    names, faults = bound(root)
    for where, others in (("lua/meta", stubbed(root)), ("docs/lua-api.md", documented(root))):
        faults += [f"{where}:1: {name} is missing" for name in sorted(names - others)]
        faults += [f"{where}:1: {name} does not exist" for name in sorted(others - names)]
    tree.finish(len(names), faults)


if __name__ == "__main__":
    main()
