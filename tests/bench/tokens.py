# SPDX-License-Identifier: MIT
"""Tokens for the handshakes that are measured, minted before by another program's hand (PyJWT), and
the configuration of a server that takes them."""
import os
import time

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

ALGORITHMS = ("HS256", "RS256", "ES256")
# As many as are measured at once; all of them fit into a worker's cache.
COUNTS = {"HS256": 4000, "RS256": 2000, "ES256": 2000}
LIFETIME_S = 6 * 3600
SECRET = "the bench's own secret, of more than 32 octets"


def make_keys():
    """Private key by algorithm."""
    return {"HS256": SECRET,
            "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
            "ES256": ec.generate_private_key(ec.SECP256R1())}


def write_config(directory, keys):
    """A configuration file with the public side of the keys; its path."""
    lines = [f'  {{ kid = "HS256", alg = "HS256", secret = "{keys["HS256"]}" }},']
    for algorithm in ("RS256", "ES256"):
        path = os.path.join(directory, f"{algorithm}.pem")
        with open(path, "wb") as file:
            file.write(keys[algorithm].public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))
        lines.append(
            f'  {{ kid = "{algorithm}", alg = "{algorithm}", public_key_file = "{path}" }},')
    path = os.path.join(directory, "tidegate.lua")
    with open(path, "w", encoding="utf-8") as file:
        file.write("auth = { keys = {\n" + "\n".join(lines) + "\n} }\n")
    return path


def write_tokens(directory, algorithm, key, count=None):
    """A file of that algorithm's tokens, a line for each; its path."""
    now = int(time.time())
    path = os.path.join(directory, f"{algorithm}.tokens")
    with open(path, "w", encoding="ascii") as file:
        for number in range(count or COUNTS[algorithm]):
            claims = {"sub": f"user-{number}", "iat": now, "exp": now + LIFETIME_S,
                      "jti": f"{number:032x}", "name": "Alice Example", "role": "member"}
            file.write(jwt.encode(claims, key, algorithm, headers={"kid": algorithm}) + "\n")
    return path
