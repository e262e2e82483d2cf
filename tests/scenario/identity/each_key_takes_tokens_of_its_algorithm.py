# SPDX-License-Identifier: MIT
"""A server with a secret, an RSA and an EC key: each is good for tokens of its one algorithm,
chosen by kid, and bad keys end the start with a word about key and file."""
import os
import subprocess
import tempfile

import jwt

import server as servers
from stage import check, equal

CONFIG = """
auth = { keys = {
  { kid = "hs", alg = "HS512", secret = env "SHARED_SECRET" },
  { kid = "rs", alg = "RS256", public_key_file = "rsa.pub" },
  { kid = "es", alg = "ES384", public_key = [==[%s]==] },
} }
"""
SHARED = "s" * 64


def run(folder, *words):
    return subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True,
                          text=True).stdout


def make_keys(folder):
    """Private keys by the openssl command, their public halves beside them."""
    run(folder, "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out",
        "rsa.key")
    run(folder, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out",
        "ec.key")
    for name in ["rsa", "ec"]:
        run(folder, "pkey", "-in", f"{name}.key", "-pubout", "-out", f"{name}.pub")


def read(folder, name):
    with open(os.path.join(folder, name), encoding="ascii") as file:
        return file.read()


async def refuses_to_start(folder, key, *words):
    text = "auth = { keys = { { alg = 'RS256', public_key_file = '%s' } } }\n" % key
    with open(os.path.join(folder, "bad.lua"), "w", encoding="ascii") as file:
        file.write(text)
    code, _, err = await servers.run_once(
        ["serve", "--config", "bad.lua", "--listen", "127.0.0.1:0", "--admin", "off"], cwd=folder)
    check(code in (1, 2), f"exit code {code} for {key}")
    for word in ["auth.keys[1].public_key_file", key, *words]:
        check(word in err, f"{word!r} is told of {key}: {err!r}")


async def play(stage):
    with tempfile.TemporaryDirectory() as folder:
        make_keys(folder)
        with open(os.path.join(folder, "tidegate.lua"), "w", encoding="ascii") as file:
            file.write(CONFIG % read(folder, "ec.pub"))
        keys = {"hs": ("HS512", SHARED), "rs": ("RS256", read(folder, "rsa.key")),
                "es": ("ES384", read(folder, "ec.key"))}
        os.environ["SHARED_SECRET"] = SHARED
        async with stage.server(cwd=folder, auth_secret=None, workers=1) as server:
            for kid, (algorithm, key) in keys.items():
                token = stage.token(secret=key, algorithm=algorithm, headers={"kid": kid}, sub=kid)
                for _ in range(2):
                    actor = await stage.client(server, kid, "/whoami/here", token=token)
                    equal((await actor.data("whoami"))["sub"], kid, "the subject")
                    await actor.leave()
                alone = stage.token(secret=key, algorithm=algorithm)
                equal((await stage.answer(server, "/members", token=alone))[0], 101,
                      f"{algorithm} without kid: there is one such key")
                for other in keys:
                    if other != kid:
                        swapped = stage.token(secret=key, algorithm=algorithm,
                                              headers={"kid": other})
                        await stage.refuses(401, server, "/members", token=swapped)
            await stage.refuses(401, server, "/members", token=stage.token(
                secret=keys["rs"][1], algorithm="RS512", headers={"kid": "rs"}))
            equal(await server.metric("ws_token_cache_hits_total"), 3, "tokens that were known")
            forged = jwt.api_jws.encode(b'{"sub":"eve","exp":9999999999}', "x" * 64,
                                        algorithm="HS512", headers={"kid": "none"})
            await stage.refuses(401, server, "/members", token=forged)

        await refuses_to_start(folder, "rsa.key", "private")
        await refuses_to_start(folder, "ec.pub", "RSA")
        await refuses_to_start(folder, "nowhere.pub", "No such file")
        run(folder, "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-out",
            "weak.key")
        run(folder, "pkey", "-in", "weak.key", "-pubout", "-out", "weak.pub")
        await refuses_to_start(folder, "weak.pub", "2048")
