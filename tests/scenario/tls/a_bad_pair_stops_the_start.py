# SPDX-License-Identifier: MIT
"""A certificate or key that is no good ends the start with exit code 1, before anything is served:
the message names listener and file. Half a pair is an error of the configuration."""
import os
import tempfile

import certificates
from server import SHIPPED, run_once
from stage import check, equal


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


async def start(folder, tls):
    write(os.path.join(folder, "tidegate.lua"),
          'listen = { { address = "127.0.0.1", port = 0 },\n'
          f'  {{ address = "127.0.0.1", port = 0, tls = {tls} }} }}\n')
    code, out, err = await run_once(["serve", "--gateways", SHIPPED, "--admin", "off"], cwd=folder)
    equal(out, "", "standard output")
    check("ready" not in err and "gateway loaded" not in err, f"nothing was served: {err}")
    return code, err


async def play(stage):
    with tempfile.TemporaryDirectory() as folder:
        pair = certificates.make(folder)
        certificates.make(folder, "other")
        write(os.path.join(folder, "text.key"), "no key\n")
        cases = [
            ('{ certificate = "none.crt", key = "tls.key" }', "none.crt: No such file"),
            ('{ certificate = "tls.crt", key = "none.key" }', "none.key: No such file"),
            ('{ certificate = "tls.key", key = "tls.key" }', "tls.key: no usable certificate"),
            ('{ certificate = "tls.crt", key = "text.key" }', "text.key: no usable private key"),
            ('{ certificate = "tls.crt", key = "other.key" }',
             "other.key: not the key of the certificate in tls.crt"),
            (f'{{ certificate = "{pair.certificate}", key = "." }}', ".: not a regular file"),
        ]
        for tls, words in cases:
            code, err = await start(folder, tls)
            equal(code, 1, f"exit code for {tls}: {err}")
            check(f"tidegate: listen[2].tls: {words}" in err, f"{words!r} is in: {err}")
        halves = [
            ('{ certificate = "tls.crt" }', "listen[2].tls.key: missing beside a certificate"),
            ('{ key = "tls.key" }', "listen[2].tls.certificate: missing beside a key"),
            ('{ certificate = "tls.crt", keys = "tls.key" }',
             ":2: listen[2].tls.keys: unknown key"),
            ('{ certificate = "tls.crt", key = "" }', ":2: listen[2].tls.key"),
            ("true", ":2: listen[2].tls: unknown key"),
        ]
        for tls, words in halves:
            code, err = await start(folder, tls)
            equal(code, 2, f"exit code for {tls}: {err}")
            check(words in err, f"{words!r} is in: {err}")
        stage.tell("cases", len(cases) + len(halves))
