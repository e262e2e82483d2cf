#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes keys.def beside itself: public keys of all kinds as PEM and as JWK, and a token by each of
those that are spoken.

Keys and signatures are made by python3-cryptography; the private halves are thrown away, so every
run makes another file. The tests' clock stands at 1,700,000,000 s.
"""
import base64
import datetime
import json
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

CLAIMS = {"sub": "alice", "exp": 1_700_000_600}
SPKI = serialization.PublicFormat.SubjectPublicKeyInfo


def b64(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def number(value, length=None):
    return b64(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))


def pem(key, form=SPKI):
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def private_pem(key):
    # The label alone is looked at, so no private key need be kept.
    text = "-----BEGIN PRIVATE KEY-----\n" + base64.b64encode(bytes(48)).decode()
    return text + "\n-----END PRIVATE KEY-----\n"


def certificate(key):
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gate.example")])
    start = datetime.datetime(2026, 1, 1)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, start,
                                   start + datetime.timedelta(days=1))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def jwk(key):
    public = key.public_key().public_numbers()
    if isinstance(key, rsa.RSAPrivateKey):
        return {"kty": "RSA", "n": number(public.n), "e": number(public.e)}
    size = (key.curve.key_size + 7) // 8
    names = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
    return {"kty": "EC", "crv": names.get(key.curve.name, key.curve.name),
            "x": number(public.x, size), "y": number(public.y, size)}


def token(key, alg, kid):
    text = b64(json.dumps({"alg": alg, "kid": kid}).encode()) + "."
    text += b64(json.dumps(CLAIMS).encode())
    digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}[alg[2:]]
    if alg.startswith("RS"):
        signature = key.sign(text.encode(), padding.PKCS1v15(), digest)
    else:
        size = (key.curve.key_size + 7) // 8
        r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(digest)))
        signature = r.to_bytes(size, "big") + s.to_bytes(size, "big")
    return text + "." + b64(signature)


KEYS = {
    "rsa_2048": rsa.generate_private_key(65537, 2048),
    "rsa_3072": rsa.generate_private_key(65537, 3072),
    "rsa_1024": rsa.generate_private_key(65537, 1024),
    "rsa_e_3": rsa.generate_private_key(3, 2048),
    "p_256": ec.generate_private_key(ec.SECP256R1()),
    "p_384": ec.generate_private_key(ec.SECP384R1()),
    "p_521": ec.generate_private_key(ec.SECP521R1()),
    "secp256k1": ec.generate_private_key(ec.SECP256K1()),
}
TOKENS = [("rsa_2048", "RS256"), ("rsa_2048", "RS384"), ("rsa_3072", "RS512"), ("p_256", "ES256"),
          ("p_384", "ES384"), ("p_521", "ES512")]


def literal(text):
    """A C string of several lines."""
    pieces = []
    for line in text.splitlines(keepends=True):
        pieces += [line[i:i + 80] for i in range(0, len(line), 80)]
    escaped = [piece.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
               for piece in pieces]
    return "\n".join(f'    "{piece}"' for piece in escaped)


def main():
    rows = ["/* SPDX-License-Identifier: MIT */",
            "/* Made by make_keys.py. PEM(name, text) JWK(name, text) TOKEN(key, alg, text): the "
            "kid is\n * the key's name. */"]
    for name, key in KEYS.items():
        rows.append(f'PEM("{name}",\n{literal(pem(key))})')
        rows.append(f'JWK("{name}",\n{literal(json.dumps(jwk(key)))})')
    others = {
        "ed25519": pem(ed25519.Ed25519PrivateKey.generate()),
        "pkcs_1": pem(KEYS["rsa_2048"], serialization.PublicFormat.PKCS1),
        "private": private_pem(KEYS["rsa_2048"]),
        "certificate": certificate(KEYS["p_256"]),
    }
    rows += [f'PEM("{name}",\n{literal(text)})' for name, text in others.items()]
    rows += [f'TOKEN("{name}", "{alg}",\n{literal(token(KEYS[name], alg, name))})'
             for name, alg in TOKENS]
    (pathlib.Path(__file__).parent / "keys.def").write_text("\n".join(rows) + "\n")


main()
