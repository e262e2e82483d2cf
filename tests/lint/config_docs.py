#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""docs/configuration.md is made from src/core/config.def: this prints it; with --write it goes into
the file, with --check it is compared with the file."""

import sys

import metrics_docs
import tree

PAGE = "docs/configuration.md"
KINDS = ("UINT", "COUNT", "BOOL", "SIZE", "DURATION", "TEXT", "LIST", "ADDRESS",
         "AUTH_KEY", "LISTEN")
UNITS = {
    "SIZE": (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)),
    "DURATION": (("h", 3600000), ("m", 60000), ("s", 1000), ("ms", 1)),
}

INTRODUCTION = """\
<!-- Made by tests/lint/config_docs.py from src/core/config.def. -->
# Configuration

Every setting has a key in the configuration file and an environment variable; the common ones
have a flag. From weak to strong: the default, the file, the environment, the flag. The file is
`tidegate.lua` in the current directory when there is one, or what `--config FILE` names.

```lua
-- tidegate.lua
listen   = { { address = "0.0.0.0", port = 8080 }, { address = "::", port = 8080 },
             { address = "0.0.0.0", port = 8443,
               tls = { certificate = "tls.crt", key = "tls.key" } } }
admin    = { address = "127.0.0.1", port = 9090 }      -- or "127.0.0.1:9090", or "off"
gateways = "gateways"
workers  = "auto"
auth     = { keys = { { kid = "k1", secret = env "JWT_SECRET" } }, audience = "tidegate" }
limits   = { max_connections = 10000, ping_interval = "25s" }
log      = { level = env("LOG_LEVEL", "info") }
```

The file is Lua without libraries. `env "NAME"` is the environment variable, which must be set;
`env("NAME", "default")` need not be. Settings are assigned as above; a file that returns them is
refused. Local names, arithmetic and loops work; functions and fractions are no values. It may be
256 KiB long, run for 10 million instructions, take 16 MiB, and hold 1000 values, 8 tables deep. An
unknown key is an error that names file, line and the nearest real key; so is a variable whose name
is nearly one of those below.

| written as | means |
| --- | --- |
| number | digits alone: `10000` |
| number or `auto` | `4`, `"auto"` |
| true or false | `true`, `false` |
| size | octets: `65536`, `"64KiB"`, `"1MiB"`, `"1GiB"` |
| duration | `"250ms"`, `"5s"`, `"10m"`, `"1h"`, or `0` |
| list | texts separated by commas: `"a,b"`, in the file also `{ "a", "b" }`; `"none"`: no item |
| address | IP literal and port: `"127.0.0.1:80"`, `"[::1]:80"`; port 0: the kernel's choice |
| addresses | up to 8, separated by commas; in the file a list as above |

A listener of the file with `tls` speaks TLS alone: `certificate` is a PEM file with the server's
certificate and the chain behind it, `key` the PEM file of its private key, without a passphrase; a
relative path is relative to the directory that tidegate was started in. Plain listeners and others
with other certificates may stand beside it. A list by flag or environment takes the place of the
file's, TLS included.
"""

CLOSING = """\

Together they must make sense: `limits.retry_after_min` is at most `limits.retry_after_max`;
`limits.handshake_burst` stands beside a `limits.handshakes_per_second` above 0;
`limits.idle_timeout` is 0 or more than `limits.ping_interval`, unless that is 0; a key's `secret`
has at least 32 octets and stands beside its `kid`; a listener's `certificate` and `key` stand
together; no two addresses are equal; `tenants.sources` has each kind once, and `subdomain` stands
beside a `tenants.base_domain`.
"""


def printed(kind, number):
    """A bound as the program prints it: in the largest unit that divides it."""
    for name, worth in UNITS.get(kind, ()):
        if number and number % worth == 0:
            return f"{number // worth}{name}"
    return str(number)


def form(kind, least, most):
    names = {"UINT": "number", "BOOL": "true or false", "SIZE": "size", "DURATION": "duration",
             "TEXT": "text", "LIST": "list", "ADDRESS": "address or `off`",
             "AUTH_KEY": "text", "LISTEN": "addresses"}
    if kind == "COUNT":
        return f"`auto` or number, {least} to {most}"
    if kind in ("UINT", "SIZE", "DURATION"):
        return f"{names[kind]}, {printed(kind, least)} to {printed(kind, most)}"
    return names[kind]


def settings(path):
    """One line per row, in the order of the table."""
    by_key = {}
    for kind in KINDS:
        for row in metrics_docs.rows(path, f"TG_CONFIG_{kind}"):
            _, key, flag, env, standard, least, most, text = row
            by_key[key] = (
                f"`{key}`", form(kind, int(least), int(most)),
                "-" if standard == "NULL" else f"`{standard}`",
                "-" if flag == "NULL" else f"`{flag}`", f"`{env}`", text)
    text = path.read_text()
    return [by_key[key] for key in sorted(by_key, key=lambda key: text.index(f'"{key}"'))]


def page(path):
    head = ("key", "value", "default", "flag", "environment", "meaning")
    return INTRODUCTION + "\n" + metrics_docs.table(head, settings(path)) + CLOSING


def main():
    options = tree.parser(__doc__)
    options.add_argument("--check", action="store_true")
    options.add_argument("--write", action="store_true")
    arguments = options.parse_args()
    new = page(arguments.root / "src/core/config.def")
    target = arguments.root / PAGE
    if arguments.write:
        target.write_text(new)
    elif not arguments.check:
        sys.stdout.write(new)
    else:
        old = target.read_text() if target.exists() else ""
        tree.finish(1, [] if old == new else
                    [f"{PAGE}:1: is out of date: run tests/lint/config_docs.py --write"])


if __name__ == "__main__":
    main()
