# SPDX-License-Identifier: MIT
"""Mallory's tokens, and Alice's, each with its verdict (token_corpus.py): algorithms, confusion
with the public key, headers, shapes, signatures, times, claims and other tenants' tokens, against
a server whose one key is for HS256, then for RS256, then for ES256."""
import os
import tempfile

from stage import check, equal
from token_corpus import AUDIENCE, CASES, ISSUER, KEYS, LEEWAY_S

CONFIG = """
auth = { issuer = "%s", audience = "%s", leeway = "%ds",
         keys = { { kid = "k1", alg = "%s", %s } } }
limits = { token_bytes = "8KiB" }
"""


async def judge(stage, algorithm):
    key = KEYS[algorithm]
    refusals = {}
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "tidegate.lua"), "w", encoding="ascii") as file:
            file.write(CONFIG % (ISSUER, AUDIENCE, LEEWAY_S, algorithm, key.setting))
        async with stage.server(cwd=folder, auth_secret=None) as server:
            for case in CASES:
                token = case.make(key)
                if token is None:
                    continue
                status, fields, body = await stage.answer(
                    server, "/whoami/here", token=stage.secret(token), tenant=case.tenant)
                equal(status, case.verdict, f"{algorithm}: {case.name}")
                fields.pop("date", None)
                if status != 101:
                    refusals.setdefault(status, {})[case.name] = (fields, body)
            unauthorized = await server.metric(
                'ws_handshakes_refused_total{reason="unauthorized"}')
            equal(unauthorized, len(refusals[401]), "refusals are counted")
    first = next(iter(refusals[401].values()))
    for name, answer in refusals[401].items():
        equal(answer, first, f"{algorithm}: {name}: one answer for all causes")
    return sum(len(names) for names in refusals.values())


async def play(stage):
    check(len({case.name for case in CASES}) == len(CASES), "each case has a name of its own")
    check(len(CASES) >= 60, "the corpus has 60 cases at least")
    for algorithm in KEYS:
        count = await judge(stage, algorithm)
        check(count >= 60, f"{algorithm}: 60 tokens are refused at least, not {count}")
        stage.tell(algorithm, count)
