# SPDX-License-Identifier: MIT
"""Certificates for a play, made on the spot by the openssl command: self-signed, for 127.0.0.1."""
import os
import ssl
import subprocess
from dataclasses import dataclass

KEYS = {
    "ec": ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "rsa": ["rsa:2048"],
}


@dataclass
class Pair:
    certificate: str
    key: str

    def context(self):
        """A client's, that trusts this certificate alone."""
        context = ssl.create_default_context(cafile=self.certificate)
        context.set_alpn_protocols(["http/1.1"])
        return context


def make(folder, name="tls", serial=1, kind="ec", days=2):
    """Writes NAME.crt and NAME.key, in the place of what was there."""
    pair = Pair(os.path.join(folder, name + ".crt"), os.path.join(folder, name + ".key"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", *KEYS[kind], "-nodes", "-keyout", pair.key, "-out",
         pair.certificate, "-set_serial", str(serial), "-days", str(days), "-subj",
         "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
        check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, timeout=30)
    return pair
