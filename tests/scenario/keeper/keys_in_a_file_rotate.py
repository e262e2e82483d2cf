# SPDX-License-Identifier: MIT
"""Keys in a file are exchanged while the server runs: the new one is good within a second and the
old one is not, sockets stay. A set that is no good, or holds a private key, leaves what was."""
import os
import tempfile

import key_server
from kept import let_in, replace, shut_out, write
from server import run_once
from stage import check, equal


async def play(stage):
    old, new = key_server.Key("k-old"), key_server.Key("k-new")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "keys.json")
        write(path, key_server.key_set(old))
        async with stage.server(auth_secret=None, auth_jwks_file=path) as server:
            server.allow_error("document can't be read")
            alice = await stage.client(server, "alice", "/whoami/x", token=old.token(stage))
            await stage.refuses(401, server, "/whoami/x", token=new.token(stage))
            replace(path, key_server.key_set(old, new))
            await let_in(stage, server, "/whoami/x", token=new.token(stage))
            await stage.client(server, "alice", "/whoami/x", token=old.token(stage))
            replace(path, key_server.key_set(new))
            await shut_out(stage, server, 401, "/whoami/x", token=old.token(stage))
            for text in ("", "{", key_server.key_set(new, old.jwk(private=True))):
                since = len(server.lines)
                write(path, text)
                line = await server.log_says("document can't be read", within=2, since=since)
                check("keys.json: " in line, line)
                check(old.jwk(private=True)["d"] not in line, "the private key is unseen")
            await stage.client(server, "bob", "/whoami/x", token=new.token(stage))
            await stage.refuses(401, server, "/whoami/x", token=old.token(stage))
            await alice.heard_nothing()
        serve = ["serve", "--gateways", folder, "--listen", "127.0.0.1:0", "--admin", "off"]
        status, _, err = await run_once(serve, {"auth_jwks_file": path})
        equal(status, 1, "the exit status")
        check(f"auth.jwks.file: {path}: " in err, err)
        url = "http://id.example/keys"
        status, _, err = await run_once(serve, {"auth_jwks_url": url})
        equal(status, 1, "the exit status")
        check("auth.jwks.url: expected https://" in err and "id.example" not in err, err)
