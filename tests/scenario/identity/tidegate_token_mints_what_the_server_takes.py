# SPDX-License-Identifier: MIT
"""tidegate token mints for each algorithm what PyJWT verifies and a server with the public half
takes, and says what is wrong when it can't."""
import os
import subprocess
import tempfile

import jwt

from server import run_once
from stage import check, equal

CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}
SECRET = "x" * 64


def make_key(folder, algorithm):
    """The flags for tidegate token, and what a verifier is given."""
    if algorithm.startswith("HS"):
        with open(os.path.join(folder, "secret"), "w", encoding="ascii") as file:
            file.write(SECRET + "\n")
        return ["--secret-file", "secret"], SECRET
    kind = (["RSA", "-pkeyopt", "rsa_keygen_bits:2048"] if algorithm.startswith("RS") else
            ["EC", "-pkeyopt", f"ec_paramgen_curve:{CURVES[algorithm]}"])
    private, public = f"{algorithm}.key", f"{algorithm}.pub"
    for words in (["genpkey", "-algorithm", *kind, "-out", private],
                  ["pkey", "-in", private, "-pubout", "-out", public]):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    with open(os.path.join(folder, public), encoding="ascii") as file:
        return ["--key-file", private], file.read()


async def mint(folder, *words):
    code, out, err = await run_once(["token", *words], cwd=folder)
    equal((code, err), (0, ""), f"tidegate token {' '.join(words)}")
    return out.removesuffix("\n")


async def refuses(folder, *words, said):
    code, out, err = await run_once(["token", *words], cwd=folder)
    check(code in (1, 2) and out == "", f"exit code {code} and {out!r}")
    check(said in err, f"{err!r} says {said!r}")


async def play(stage):
    with tempfile.TemporaryDirectory() as folder:
        tokens, keys = {}, []
        for number in (256, 384, 512):
            for family in ("HS", "RS", "ES"):
                algorithm = f"{family}{number}"
                flags, verifier = make_key(folder, algorithm)
                token = stage.secret(await mint(
                    folder, *flags, "--alg", algorithm, "--kid", algorithm, "--sub", "alice",
                    "--claim", 'roles=["admin"]', "--expires", "10m"))
                seen = jwt.decode(token, verifier, algorithms=[algorithm])
                equal(seen["exp"] - seen["iat"], 600, f"{algorithm}: exp")
                equal((seen["sub"], seen["roles"]), ("alice", ["admin"]), f"{algorithm}: claims")
                tokens[algorithm] = token
                kind = "secret" if family == "HS" else "public_key"
                keys.append('{ kid = "%s", alg = "%s", %s = [==[%s]==] }' % (
                    algorithm, algorithm, kind, verifier))
        await refuses(folder, said="no key to sign with")
        await refuses(folder, "--key-file", "RS256.key", said="--alg")
        await refuses(folder, "--key-file", "RS256.pub", "--alg", "RS256", said="private key")
        await refuses(folder, "--key-file", "RS256.key", "--alg", "ES256",
                      said="--key-file: RS256.key: expected an EC key")
        await refuses(folder, "--key-file", "ES384.key", "--alg", "ES256", said="P-256")
        await refuses(folder, "--secret", "x", said="unknown option --secret")
        with open(os.path.join(folder, "tidegate.lua"), "w", encoding="ascii") as file:
            file.write('auth = { audience = "here", keys = {\n' + ",\n".join(keys) + "\n} }\n")
        own = stage.secret(await mint(folder, "--sub", "bob"))
        equal(jwt.get_unverified_header(own)["kid"], "HS256", "the kid of auth.keys[1]")
        async with stage.server(cwd=folder, auth_secret=None) as server:
            bob = await stage.client(server, "bob", "/whoami/here", token=own)
            equal((await bob.data("whoami"))["sub"], "bob", "the subject")
            for algorithm, token in tokens.items():
                await stage.refuses(401, server, "/members", token=token)
                flags = (["--secret-file", "secret"] if algorithm[0] == "H" else
                         ["--key-file", f"{algorithm}.key"])
                token = stage.secret(await mint(folder, *flags, "--alg", algorithm, "--kid",
                                                algorithm, "--sub", algorithm))
                actor = await stage.client(server, algorithm, "/whoami/here", token=token)
                equal((await actor.data("whoami"))["sub"], algorithm, "the subject")
