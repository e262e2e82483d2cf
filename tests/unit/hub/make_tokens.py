#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tokens.def, named_tokens.def, token_30s.def and token_acme.def beside itself.

The tokens are made by Python's own HMAC; tokens.def says of each what the verifier must say. The
tests' clock stands at 1,700,000,000 s.
"""
import base64
import hashlib
import hmac
import json
import pathlib

SECRET = b"0123456789abcdef0123456789abcdef"
NOW = 1_700_000_000


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def sign(text, secret=SECRET, digest=hashlib.sha256):
    return b64(hmac.new(secret, text.encode(), digest).digest())


def token(claims=None, header=None, secret=SECRET, digest=hashlib.sha256, raw=None,
          raw_header=None):
    head = raw_header or json.dumps(header or {"alg": "HS256", "typ": "JWT"})
    body = raw if raw is not None else json.dumps(claims)
    body = body if isinstance(body, bytes) else body.encode()
    text = b64(head.encode()) + "." + b64(body)
    return text + "." + sign(text, secret, digest)


good = {"sub": "alice", "exp": NOW + 600}


def claims(**more):
    return {**good, **more}


def header(**more):
    return {"alg": "HS256", "typ": "JWT", **more}


def without_bits(text):
    """The same octets with bits set behind the last one, which a strict reader refuses."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return text[:-1] + alphabet[alphabet.index(text[-1]) | 1]


plain = token(good)
parts = plain.split(".")
rows = [
    ("good", plain, ""),
    ("without typ", token(good, {"alg": "HS256"}), ""),
    ("a kid when none is asked for", token(good, header(kid="k9")), ""),
    ("nbf in the past", token(claims(nbf=NOW - 5)), ""),
    ("nbf within the leeway", token(claims(nbf=NOW + 29)), ""),
    ("exp within the leeway", token(claims(exp=NOW - 29)), ""),
    ("nested claims", token(claims(a={"b": [1, {"c": None}]})), ""),
    ("a tenant", token(claims(tenant="acme")), ""),
    ("empty", "", "shape"),
    ("one part", parts[0], "shape"),
    ("two parts", parts[0] + "." + parts[1], "shape"),
    ("four parts", plain + ".x", "shape"),
    ("no signature", parts[0] + "." + parts[1] + ".", "shape"),
    ("empty payload", parts[0] + ".." + parts[2], "shape"),
    ("only dots", "..", "shape"),
    ("padding", plain + "=", "shape"),
    ("junk behind the signature", plain + "!!", "shape"),
    ("blank inside", parts[0] + ". " + parts[1] + "." + parts[2], "shape"),
    ("stray bits in the signature", without_bits(plain), "shape"),
    ("alg none", token(good, {"alg": "none", "typ": "JWT"}), "alg"),
    ("alg NoNe", token(good, {"alg": "NoNe"}), "alg"),
    ("alg HS512 rightly signed", token(good, {"alg": "HS512"}, digest=hashlib.sha512), "alg"),
    ("alg RS256", token(good, {"alg": "RS256"}), "alg"),
    ("alg missing", token(good, {"typ": "JWT"}), "alg"),
    ("alg a number", token(good, {"alg": 256}), "alg"),
    ("alg twice", token(good, raw_header='{"alg":"none","alg":"HS256"}'), "header"),
    ("header an array", token(good, raw_header='["HS256"]'), "header"),
    ("crit", token(good, header(crit=["exp"])), "crit"),
    ("b64", token(good, header(b64=False)), "b64"),
    ("cty", token(good, header(cty="JWT")), "cty"),
    ("jku", token(good, header(jku="https://evil.example/keys")), "jku"),
    ("jwk", token(good, header(jwk={"kty": "oct", "k": "AA"})), "jwk"),
    ("x5u", token(good, header(x5u="https://evil.example/c")), "x5u"),
    ("kid a number", token(good, header(kid=1)), "kid"),
    ("kid a path is only a name", token(good, header(kid="../../etc/passwd")), ""),
    ("typ another", token(good, {"alg": "HS256", "typ": "at+jwt"}), "typ"),
    ("another key", token(good, secret=b"x" * 32), "signature"),
    ("payload changed", parts[0] + "." + b64(b'{"sub":"eve","exp":1700000600}') + "." + parts[2],
     "signature"),
    ("expired", token(claims(exp=NOW - 31)), "exp"),
    ("exp missing", token({"sub": "alice"}), "exp"),
    ("exp null", token(claims(exp=None)), "exp"),
    ("exp text", token(claims(exp=str(NOW + 600))), "exp"),
    ("exp a fraction", token(claims(exp=NOW + 600.5)), "exp"),
    ("exp 1e10", token(raw='{"sub":"alice","exp":1e10}'), "exp"),
    ("exp negative", token(claims(exp=-1)), "exp"),
    ("exp beyond the year 9999", token(claims(exp=10 ** 15)), "exp"),
    ("nbf ahead", token(claims(nbf=NOW + 31)), "nbf"),
    ("nbf text", token(claims(nbf="0")), "nbf"),
    ("iat ahead", token(claims(iat=NOW + 31)), "iat"),
    ("iat an array", token(claims(iat=[NOW])), "iat"),
    ("sub a number", token(claims(sub=7)), "sub"),
    ("sub too long", token(claims(sub="s" * 129)), "sub"),
    ("tenant upper case", token(claims(tenant="Acme")), "tenant"),
    ("tenant an array", token(claims(tenant=["acme"])), "tenant"),
    ("tenant with NUL", token(raw='{"exp":1700000600,"tenant":"a\\u0000b"}'), "payload"),
    ("tenant too long", token(claims(tenant="t" * 64)), "tenant"),
    ("tenant twice", token(raw='{"exp":1700000600,"tenant":"a","tenant":"b"}'), "payload"),
    ("payload an array", token(raw='[{"exp":1700000600}]'), "payload"),
    ("payload and junk", token(raw='{"exp":1700000600}x'), "payload"),
    ("payload, NUL and junk", token(raw=b'{"exp":1700000600}\0{}'), "payload"),
    ("payload not UTF-8", token(raw=b'{"exp":1700000600,"a":"\xff"}'), "payload"),
    ("payload 100 deep", token(raw='{"exp":1700000600,"a":' + "[" * 100 + "]" * 100 + "}"),
     "claims"),
    ("longer than the limit of 2 KiB", token(claims(a="x" * 1600)), "shape"),
]

HERE = pathlib.Path(__file__).parent
LICENCE = "/* SPDX-License-Identifier: MIT */\n"


def literal(text, indent=""):
    pieces = [text[i:i + 80] for i in range(0, len(text), 80)] or [""]
    return "\n".join(f'{indent}"{piece}"' for piece in pieces)


def write_header(name, comment, claims):
    text = literal("Authorization: Bearer " + token(claims))
    (HERE / name).write_text(f"{LICENCE}/* {comment} */\n{text}\n")


lines = [LICENCE + "/* Made by make_tokens.py. "
         "TOKEN(name, token, what the log says; empty: verified) */"]
for name, text, why in rows:
    lines.append(f'TOKEN("{name}",\n{literal(text, "      ")},\n      "{why}")')
(HERE / "tokens.def").write_text("\n".join(lines) + "\n")
def named(name, text):
    return f"NAMED_TOKEN({name},\n{literal(text, '            ')})"


def bearer(sub, seconds, **more):
    return token({"sub": sub, "exp": NOW + seconds, **more})


named_rows = [
    LICENCE + "/* Made by make_tokens.py. NAMED_TOKEN(name, token) */",
    named("alice_600", bearer("alice", 600, jti="j1")),
    named("alice_900", bearer("alice", 900, jti="j2", role="admin")),
    named("alice_acme", bearer("alice", 600, tenant="acme")),
    named("alice_acme_900", bearer("alice", 900, tenant="acme")),
    named("alice_globex", bearer("alice", 900, tenant="globex")),
    named("alice_expired", bearer("alice", -600)),
    named("alice_forged", token({"sub": "alice", "exp": NOW + 900}, secret=b"x" * 32)),
    named("bob_900", bearer("bob", 900)),
    named("nobody_600", token({"exp": NOW + 600})),
    named("nobody_900", token({"exp": NOW + 900})),
]
(HERE / "named_tokens.def").write_text("\n".join(named_rows) + "\n")
write_header("token_30s.def", "Ends 30 s after the tests' clock starts.",
             {"sub": "alice", "exp": NOW + 30})
write_header("token_acme.def", "For the tenant acme.",
             {"sub": "alice", "exp": NOW + 600, "tenant": "acme"})
