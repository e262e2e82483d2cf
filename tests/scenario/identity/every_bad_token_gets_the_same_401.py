# SPDX-License-Identifier: MIT
"""Whatever is wrong with a token, the answer is one and the same 401, and the log says no more of
the token than that it was bad."""
import base64
import hashlib
import hmac
import json
import time

from server import SECRET
from stage import check, equal


def encode(part):
    if not isinstance(part, bytes):
        part = json.dumps(part).encode()
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()


def forge(header, payload, secret=SECRET.encode(), digest=hashlib.sha256):
    text = encode(header) + "." + encode(payload)
    return text + "." + encode(hmac.new(secret, text.encode(), digest).digest())


def bad_tokens(stage):
    now = int(time.time())
    good = stage.token()
    head, body, signature = good.split(".")
    claims = {"sub": "alice", "exp": now + 60}
    hs256 = {"alg": "HS256", "typ": "JWT"}
    yield "another secret", stage.token(secret="x" * 40)
    yield "expired", stage.token(exp=now - 120)
    yield "not yet valid", stage.token(nbf=now + 120)
    yield "issued in the future", stage.token(iat=now + 120)
    yield "without exp", stage.token(exp=None)
    yield "exp is text", forge(hs256, {"sub": "alice", "exp": str(now + 60)})
    yield "exp is a float of another kind", forge(hs256, b'{"sub":"alice","exp":1e300}')
    yield "exp is null", forge(hs256, {"sub": "alice", "exp": None})
    yield "exp below zero", forge(hs256, {"sub": "alice", "exp": -1})
    yield "wrong issuer", stage.token(iss="https://evil.example", aud="tidegate")
    yield "wrong audience", stage.token(iss="https://id.example", aud="others")
    yield "no audience", stage.token(iss="https://id.example")
    yield "alg none", forge({"alg": "none"}, claims)[: -43]
    yield "alg NoNe, signed", forge({"alg": "NoNe"}, claims)
    yield "alg none, signed", forge({"alg": "none"}, claims)
    yield "alg HS384", stage.token(algorithm="HS384")
    yield "alg HS512", stage.token(algorithm="HS512")
    yield "alg RS256 with our octets", forge({"alg": "RS256", "typ": "JWT"}, claims)
    yield "another kid", stage.token(headers={"kid": "k2"})
    yield "kid traversal", stage.token(headers={"kid": "../../dev/null"})
    yield "crit", stage.token(headers={"crit": ["exp"]})
    yield "b64", stage.token(headers={"b64": False})
    yield "cty", stage.token(headers={"cty": "JWT"})
    yield "no signature", f"{head}.{body}."
    yield "two parts", f"{head}.{body}"
    yield "four parts", good + ".x"
    yield "empty parts", ".."
    yield "cut signature", good[:-2]
    yield "signature plus one", good + "A"
    yield "padding", good + "=="
    yield "junk octets", head + "." + body[:6] + "!" + body[6:] + "." + signature
    yield "changed claims", head + "." + encode(dict(claims, sub="root")) + "." + signature
    yield "payload is a list", forge(hs256, [1, 2])
    yield "payload is no JSON", forge(hs256, b"{sub:1}")
    yield "payload with NUL", forge(hs256, json.dumps(claims).encode() + b"\0junk")
    yield "sub twice", forge(hs256, b'{"sub":"a","sub":"b","exp":%d}' % (now + 60))
    yield "tenant twice", forge(hs256, b'{"tenant":"a","tenant":"b","exp":%d}' % (now + 60))
    yield "tenant is a list", stage.token(tenant=["acme"])
    yield "tenant with a slash", stage.token(tenant="acme/globex")
    yield "empty key", forge(hs256, claims, b"")
    yield "header is a list", forge([], claims)
    yield "not a token", "swordfish-swordfish-swordfish"
    yield "9 KiB", stage.token(bulk="x" * 9000)


async def play(stage):
    keys = {"iss": "https://id.example", "aud": ["tidegate", "others"]}
    async with stage.server(auth_kid="k1") as server:
        good = stage.token(headers={"kid": "k1"})
        equal((await stage.answer(server, "/members", token=good))[0], 101, "the good token")
        answers = {}
        count = 0
        for name, token in bad_tokens(stage):
            if "issuer" in name or "audience" in name:
                continue
            answers[name] = await stage.answer(server, "/members", token=stage.secret(token))
            open_door = await stage.answer(server, "/whoami/here", token=token)
            equal(open_door[0], 401, f"{name}, where anonymous clients are let in")
            count += 1
        answers["Basic"] = await stage.answer(server, "/members",
                                              headers={"Authorization": "Basic YWxpY2U6eA=="})
        answers["empty"] = await stage.answer(server, "/members",
                                              headers={"Authorization": "Bearer "})
        for name, (status, fields, body) in answers.items():
            equal(status, 401, name)
            fields.pop("date", None)
        first = answers["another secret"]
        for name, answer in answers.items():
            equal(answer, first, f"{name}: one answer for all causes")
        equal(first[1].get("www-authenticate"), "Bearer", "WWW-Authenticate")
        refused = await server.metric('ws_handshakes_refused_total{reason="unauthorized"}')
        equal(refused, 2 * count + 2, "refused handshakes")
        stage.tell("bad_tokens", count)

    async with stage.server(auth_issuer="https://id.example", auth_audience="tidegate") as server:
        good = stage.token(**keys)
        equal((await stage.answer(server, "/members", token=good))[0], 101, "iss and aud right")
        for name, token in bad_tokens(stage):
            if "issuer" in name or "audience" in name:
                equal((await stage.answer(server, "/members", token=token))[0], 401, name)
                count += 1
    async with stage.server(auth_secret=None) as server:
        answer = await stage.answer(server, "/whoami/here", token=stage.token())
        equal(answer[0], 401, "a token where no key is configured")
    check(count >= 40, "at least 40 bad tokens were tried")
