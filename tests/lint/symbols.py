#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What src/FOLDER/FILE.c exports starts with tg_FILE: read with nm from the static libraries of a
build (--build DIR). A file that exports a second noun lists it in NOUNS."""

import pathlib
import re
import subprocess

import tree

# FOLDER/FILE -> further prefixes it exports, because the nouns of one header belong together
NOUNS = {
    "base/check": ("tg_require_",),
    "base/err": ("tg_errmsg_",),
    "base/hash": ("tg_siphash",),
    "core/loop": ("tg_watch_",),
    "core/shared_page": ("tg_page_",),
    "core/wheel": ("tg_timer_",),
    "hub/auth": ("tg_token_",),
    "hub/close_reason": ("tg_close_code_",),
    "hub/counter": ("tg_ignored_",),
    "hub/gateway": ("tg_string_list_",),
    "hub/handshake": ("tg_verdict_",),
    "hub/json_scan": ("tg_json_",),
    "hub/revocations": ("tg_hub_set_revocations",),
    "hub/room": ("tg_scope_",),
    "hub/tenants": ("tg_hub_set_tenants",),
    "kit/loop": ("tg_watch_",),
    "kit/module": ("luaopen_tidegate_kit_core",),
    "script/gateway_loader": ("tg_gateway_load",),
    "script/json_array": ("tg_json_open", "tg_json_mark_array", "tg_json_push_mark"),
    "script/json_decode": ("tg_json_push",),
    "script/json_encode": ("tg_json_write",),
}

LINE = re.compile(r"^[^:]*:(?P<object>[^:]+\.c)\.o:[0-9a-f]* (?P<kind>[A-Z]) (?P<name>\S+)$")


def exported(library):
    """(file's stem, symbol) of everything a static library defines for others."""
    text = subprocess.run(["nm", "--defined-only", "--extern-only", "--print-file-name", library],
                          check=True, capture_output=True, text=True).stdout
    for line in text.splitlines():
        match = LINE.match(line)
        if match and not match["name"].startswith("__"):
            yield pathlib.Path(match["object"]).stem, match["name"]


def fits(name, prefixes):
    return any(name == prefix.rstrip("_") or
               name.startswith(prefix if prefix.endswith("_") else prefix + "_")
               for prefix in prefixes)


def main():
    options = tree.parser(__doc__)
    options.add_argument("--build", type=pathlib.Path, required=True)
    arguments = options.parse_args()
    faults, seen, used, checked = [], set(), set(), 0
    for library in sorted(arguments.build.glob("src/libtg_*.a")):
        folder = library.stem.removeprefix("libtg_")
        for stem, name in exported(library):
            checked += 1
            file = f"{folder}/{stem}"
            seen.add(file)
            if fits(name, NOUNS.get(file, ())):
                used.add(file)
            elif not fits(name, (f"tg_{stem}_",)):
                faults.append(f"src/{file}.c:1: exports {name}, which is not tg_{stem}_...")
    for file in sorted(seen & set(NOUNS) - used):
        faults.append(f"tests/lint/symbols.py:1: the exception for {file} is not needed")
    tree.finish(checked, faults)


if __name__ == "__main__":
    main()
