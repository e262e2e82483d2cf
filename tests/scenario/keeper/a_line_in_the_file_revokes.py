# SPDX-License-Identifier: MIT
"""A line appended to the revocations closes who bears it within a second and lets nobody in who
does; taken out again, the token is good again. A line that makes no sense leaves what was."""
import os
import tempfile

from kept import let_in, shut_out, write
from stage import check


def append(path, line):
    with open(path, "a", encoding="utf-8") as out:
        out.write(line + "\n")


async def play(stage):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "revocations")
        write(path, "# nobody yet\n")
        async with stage.server(auth_revocations=path) as server:
            server.allow_error("document can't be read")
            alice = stage.token(sub="alice", jti="a1", tenant="acme")
            bob = stage.token(sub="bob", jti="b1", tenant="acme")
            carol = stage.token(sub="carol", jti="c1", tenant="globex")
            alices = [await stage.client(server, "alice", "/whoami/x", token=alice)
                      for _ in range(8)]
            one_bob = await stage.client(server, "bob", "/whoami/x", token=bob)
            one_carol = await stage.client(server, "carol", "/whoami/x", token=carol)

            append(path, "sub alice")
            for one in alices:
                await one.is_closed(4003, within=1)
            await shut_out(stage, server, 401, "/whoami/x", token=alice)
            await one_bob.heard_nothing()

            append(path, "jti b1")
            await one_bob.is_closed(4003, within=1)
            append(path, "tenant globex")
            await one_carol.is_closed(4003, within=1)
            await shut_out(stage, server, 401, "/whoami/x", token=carol)

            append(path, "user dave")
            line = await server.log_says(r"document can't be read", within=2)
            check('revocations:5: expected \\"jti VALUE\\"' in line, line)
            await stage.refuses(401, server, "/whoami/x", token=alice)

            write(path, "tenant globex\n")
            await let_in(stage, server, "/whoami/x", token=alice)
            await stage.refuses(401, server, "/whoami/x", token=carol)
