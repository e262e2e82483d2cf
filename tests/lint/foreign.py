#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A foreign library is seen by its one folder (or file) of src only; any other <header> must be
the C library's or the kernel's."""

import re

import tree

# header (a trailing / means all below) -> where it may be included: a folder or files of src
FOREIGN = {
    "libwebsockets.h": ("net/",),
    "openssl/": ("net/", "jose/"),
    "zlib.h": ("net/",),
    "uv.h": ("core/loop.c",),
    "lua.h": ("script/", "kit/module.c", "kit/handle.h", "kit/bind_codec.h"),
    "lualib.h": ("script/",),
    "lauxlib.h": ("script/", "kit/module.c", "kit/handle.c", "kit/bind_app.c", "kit/bind_line.c",
                  "kit/bind_codec.c"),
    "luajit.h": ("script/",),
    "jwt.h": ("jose/",),
    "jansson.h": ("jose/",),
    "uthash.h": ("base/hash.h",),
}

SYSTEM = re.compile(
    r"^((sys|linux|netinet|arpa|net|asm)/[a-z0-9_/]+|assert|complex|ctype|dirent|endian|errno|"
    r"fcntl|fenv|float|fnmatch|fts|getopt|grp|immintrin|inttypes|limits|locale|malloc|math|netdb|"
    r"poll|pthread|pwd|sched|setjmp|signal|spawn|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|"
    r"stdio|stdlib|stdnoreturn|string|strings|syslog|termios|time|ucontext|unistd|wchar)\.h$")


def owners(header):
    for known, places in FOREIGN.items():
        if header == known or (known.endswith("/") and header.startswith(known)):
            return places
    return None


def main():
    root = tree.parser(__doc__).parse_args().root
    src = root / "src"
    faults = []
    paths = tree.files(root, ".c", ".h", ".def", below="src")
    for path in paths:
        inside = path.relative_to(src).as_posix()
        for line, is_foreign, name in tree.includes(path):
            places = owners(name)
            where = f"{path.relative_to(root)}:{line}"
            if places is not None:
                if not any(inside == place or (place.endswith("/") and inside.startswith(place))
                           for place in places):
                    faults.append(f"{where}: <{name}> is for {', '.join(places)} alone")
            elif is_foreign and not SYSTEM.match(name):
                faults.append(f"{where}: <{name}> is neither the system's nor listed in foreign.py")
    tree.finish(len(paths), faults)


if __name__ == "__main__":
    main()
