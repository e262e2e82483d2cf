#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The names that a gateway's author can use stand in three places, which must agree: the tables
of src/script/bind_*.c and of gateway_table.c, the stubs in lua/meta, the headings of
docs/lua-api.md. So do those of the test kit: lua/tidegate/kit.lua and kit/, lua/meta/kit.lua,
docs/testing.md. And every one is used in a spec, in a gateway's code or by the spec itself."""

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
# What the kit offers: its own functions and fields, and the methods of its classes.
KIT_STUB = "kit.lua"
KIT_METHOD = re.compile(r"^function (kit|app|client)([.:])(\w+)\(", re.MULTILINE)
KIT_FIELD = re.compile(r"^  (\w+) = core\.", re.MULTILINE)
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
        if path.name == KIT_STUB:
            continue
        text = path.read_text()
        names |= {f"{owner}.{name}" for owner, name in STUB.findall(text)}
        owner = None
        for line in text.splitlines():
            if match := CLASS.match(line):
                owner = match[1]
            elif match := FIELD.match(line):
                names.add(f"{owner}.{match[1]}")
    return names


def documented(root, page):
    path = root / "docs" / page
    text = path.read_text() if path.is_file() else ""
    return {f"{owner}.{name}" for owner, name in HEADING.findall(text)}


def kit_offers(root):
    """kit.load, kit.null, app.connect ... as the kit's Lua defines them."""
    folder = root / "lua" / "tidegate"
    names = set()
    for path in [folder / "kit.lua", folder / "kit" / "app.lua", folder / "kit" / "client.lua"]:
        text = path.read_text() if path.is_file() else ""
        # app.start and client.new are the kit's own.
        names |= {f"{owner}.{name}" for owner, mark, name in KIT_METHOD.findall(text)
                  if mark == ":" or owner == "kit"}
        if path.name == "kit.lua":
            names |= {f"kit.{name}" for name in KIT_FIELD.findall(text)}
    return names


def kit_stubs(root):
    path = root / "lua" / "meta" / KIT_STUB
    text = path.read_text() if path.is_file() else ""
    names = {f"{owner}.{name}" for owner, name in STUB.findall(text)}
    owner = None
    for line in text.splitlines():
        if line.startswith("---@class "):
            owner = line.split()[1]
        elif owner == "kit" and (match := FIELD.match(line)):
            names.add(f"kit.{match[1]}")
    return names


def used(root):
    """The text of every spec, and of the gateways that specs load."""
    return "\n".join(path.read_text() for below in ("gateways", "tests/spec")
                     for path in tree.files(root, ".lua", below=below))


def is_used(name, text):
    owner, key = name.split(".")
    if owner == "gateway":
        return re.search(rf"^ *{key} = ", text, re.MULTILINE)
    return re.search(rf"\b{owner}[.:]{key}\b", text)


def compare(names, where, others):
    return ([f"{where}:1: {name} is missing" for name in sorted(names - others)]
            + [f"{where}:1: {name} does not exist" for name in sorted(others - names)])


def main():
    root = tree.parser(__doc__).parse_args().root
    names, faults = bound(root)
    faults += compare(names, "lua/meta", stubbed(root))
    faults += compare(names, "docs/lua-api.md", documented(root, "lua-api.md"))
    offers = kit_offers(root)
    faults += compare(offers, f"lua/meta/{KIT_STUB}", kit_stubs(root))
    faults += compare(offers, "docs/testing.md", documented(root, "testing.md"))
    text = used(root)
    faults += [f"tests/spec:1: {name} is used in no spec" for name in sorted(names)
               if not is_used(name, text)]
    # A spec's own variables are named for who they are: alice:send(...)
    faults += [f"tests/spec:1: the kit's {name} is used in no spec" for name in sorted(offers)
               if not re.search(rf"[.:]{name.split('.')[1]}\b", text)]
    tree.finish(len(names) + len(offers), faults)


if __name__ == "__main__":
    main()
