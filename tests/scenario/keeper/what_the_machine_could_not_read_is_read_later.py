# SPDX-License-Identifier: MIT
"""While the keeper gets no descriptors it can read nothing. The file is as it should be, and nobody
touches it again: it is read again after 10 s all the same, and then nothing more is told of it."""
import asyncio
import os
import resource
import tempfile

import kept
from stage import equal


async def play(stage):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "revocations")
        kept.write(path, "# nobody yet\n")
        async with stage.server(auth_revocations=path) as server:
            server.allow_error("document can't be read")
            alice = await stage.client(server, "alice", "/whoami/x",
                                       token=stage.token(sub="alice"))
            keeper = kept.keepers(server)[0]
            limit = resource.prlimit(keeper, resource.RLIMIT_NOFILE)
            resource.prlimit(keeper, resource.RLIMIT_NOFILE, (3, limit[1]))
            with open(path, "a", encoding="utf-8") as out:
                out.write("sub alice\n")
            await server.log_says(r"document can't be read", within=2)
            await alice.heard_nothing()

            resource.prlimit(keeper, resource.RLIMIT_NOFILE, limit)
            await alice.is_closed(4003, within=12)
            failures = 'tidegate_document_failures_total{document="revocations"}'
            told = await server.metric(failures)
            await asyncio.sleep(1)
            equal(await server.metric(failures), told, "failures after the file was read")
