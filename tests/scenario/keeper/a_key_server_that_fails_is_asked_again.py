# SPDX-License-Identifier: MIT
"""When no key set can be fetched at the start, the server starts with a warning within a bounded
time, refuses tokens, and goes on asking, later and later; then they are good. What is no key set,
too large, slow, elsewhere or not vouched for is a warning that says so."""
import tempfile
import time

import certificates
import key_server
from kept import let_in
from stage import check, equal

CAUSES = (
    ("garbage", r"no JSON|JSON"),
    ("huge", "larger than 256 KiB"),
    ("redirect", "it answered 302, and redirects are not followed"),
)


async def recovers(stage, pair):
    key = key_server.Key("k1")
    with key_server.serving(pair, key, modes=[mode for mode, _ in CAUSES]) as provider:
        async with stage.server(auth_secret=None, auth_jwks_url=provider.url,
                                auth_jwks_ca_file=pair.certificate) as server:
            equal((await server.admin("/readyz"))[0], 200, "/readyz")
            await stage.refuses(401, server, "/whoami/x", token=key.token(stage))
            await stage.client(server, "anonymous", "/whoami/x")
            for _, cause in CAUSES:
                await server.log_says(cause, within=8)
            await let_in(stage, server, "/whoami/x", token=key.token(stage), within=8)
            equal(len(provider.fetches()), 4, "fetches")


async def starts_all_the_same(stage, url, ca_file, cause, within):
    since = time.monotonic()
    async with stage.server(auth_secret=None, auth_jwks_url=url,
                            auth_jwks_ca_file=ca_file) as server:
        took = time.monotonic() - since
        check(took < within, f"it started after {took:.1f} s")
        await server.log_says(cause, within=2)
        await stage.refuses(401, server, "/whoami/x", token=key_server.Key("k").token(stage))


async def play(stage):
    with tempfile.TemporaryDirectory() as folder:
        pair = certificates.make(folder, "ca")
        other = certificates.make(folder, "other")
        await recovers(stage, pair)
        with key_server.serving(pair, key_server.Key("k"), modes=["slow"] * 9) as provider:
            await starts_all_the_same(stage, provider.url, pair.certificate,
                                      "it took longer than 5000 ms", 8)
            await starts_all_the_same(stage, provider.url, other.certificate,
                                      "the certificate is not trusted", 4)
            await starts_all_the_same(stage, provider.url, None,
                                      "the certificate is not trusted", 4)
            url = provider.url
        await starts_all_the_same(stage, url, pair.certificate, "Connection refused", 4)
