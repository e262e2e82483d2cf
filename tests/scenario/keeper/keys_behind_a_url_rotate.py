# SPDX-License-Identifier: MIT
"""Keys are fetched over HTTPS. A token with a new key's id has them fetched again, though not more
than once in ten seconds however many unknown ids come; until then, and when what comes is no key
set, the old keys stay. Then the new key is good and the old one is not."""
import asyncio
import tempfile
import time

import certificates
import key_server
from kept import let_in, shut_out
from stage import check, equal


async def play(stage):
    with tempfile.TemporaryDirectory() as folder:
        pair = certificates.make(folder, "ca")
        old, new = key_server.Key("k-old"), key_server.Key("k-new")
        with key_server.serving(pair, old) as provider:
            async with stage.server(workers=2, auth_secret=None, auth_jwks_url=provider.url,
                                    auth_jwks_ca_file=pair.certificate) as server:
                equal(len(provider.fetches()), 1, "fetches at the start")
                alice = await stage.client(server, "alice", "/whoami/x", token=old.token(stage))
                equal((await alice.data("whoami"))["sub"], "alice", "alice's sub")

                provider.publish(new)
                provider.modes = ["garbage", "chunked"]
                token = new.token(stage, sub="bob")
                since = time.monotonic()
                while len(provider.fetches()) < 2:
                    await stage.refuses(401, server, "/whoami/x", token=token)
                    await stage.refuses(401, server, "/whoami/x",
                                        token=key_server.Key("k-none").token(stage))
                    check(time.monotonic() < since + 15, "they are fetched again")
                    await asyncio.sleep(0.2)
                await server.log_says("document can't be fetched", within=2)
                await stage.client(server, "alice", "/whoami/x", token=old.token(stage))
                bob = await let_in(stage, server, "/whoami/x", token=token, within=4)
                equal((await bob.data("whoami"))["sub"], "bob", "bob's sub")
                await shut_out(stage, server, 401, "/whoami/x", token=old.token(stage))
                await alice.heard_nothing()

                first, wanted, again = provider.fetches()
                check(wanted - first > 9.5, f"wanted keys came after {wanted - first:.1f} s")
                check(0.9 < again - wanted < 4, f"the retry came after {again - wanted:.1f} s")
                for _ in range(10):
                    await stage.refuses(401, server, "/whoami/x",
                                        token=key_server.Key("k-none").token(stage))
                equal(len(provider.fetches()), 3, "fetches in the end")
                values = await server.metrics()
                equal(values['tidegate_document_version{document="jwks"}'], 2, "versions")
                equal(values['tidegate_document_failures_total{document="jwks"}'], 1, "failures")
                check(not any("client=7" in line for line in server.lines), "the query is unseen")
