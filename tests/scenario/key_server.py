# SPDX-License-Identifier: MIT
"""Somebody who signs tokens and publishes keys: EC keys as a JWK Set, and a server that gives it
out over HTTPS, or misbehaves as it is told."""
import base64
import contextlib
import http.server
import json
import ssl
import threading
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Key:
    def __init__(self, kid):
        self.kid = kid
        self.private = ec.generate_private_key(ec.SECP256R1())

    def token(self, stage, **claims):
        pem = self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption())
        return stage.token(secret=pem, algorithm="ES256", headers={"kid": self.kid}, **claims)

    def jwk(self, private=False):
        def text(number):
            octets = number.to_bytes(32, "big")
            return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()

        numbers = self.private.private_numbers()
        key = {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.kid,
               "x": text(numbers.public_numbers.x), "y": text(numbers.public_numbers.y)}
        return key | ({"d": text(numbers.private_value)} if private else {})


def key_set(*keys):
    return json.dumps({"keys": [key if isinstance(key, dict) else key.jwk() for key in keys]})


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        owner = self.server.owner
        with owner.lock:
            owner.requests.append((time.monotonic(), self.path))
            mode = owner.modes.pop(0) if owner.modes else "serve"
            body = owner.body.encode()
        if mode == "slow":
            time.sleep(8)
        status = 302 if mode == "redirect" else 200
        if mode == "garbage":
            body = b"<html>it works</html>"
        elif mode == "huge":
            body = b" " * (300 << 10) + body
        self.send_response(status)
        if mode == "redirect":
            self.send_header("Location", "/elsewhere")
        if mode == "chunked":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for octet in range(0, len(body), 7):
                piece = body[octet:octet + 7]
                self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format, *args):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that gave up, as the play wants it to


class KeyServer:
    """modes: how the next requests are answered, each once; then "serve"."""

    def __init__(self, pair, *keys, modes=()):
        self.lock = threading.Lock()
        self.requests = []
        self.modes = list(modes)
        self.publish(*keys)
        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.http.owner = self
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair.certificate, pair.key)
        self.http.socket = context.wrap_socket(self.http.socket, server_side=True,
                                               do_handshake_on_connect=False)
        self.url = f"https://localhost:{self.http.server_address[1]}/keys?client=7"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def publish(self, *keys):
        with self.lock:
            self.body = key_set(*keys)

    def fetches(self):
        with self.lock:
            return [when for when, _ in self.requests]

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


@contextlib.contextmanager
def serving(pair, *keys, modes=()):
    server = KeyServer(pair, *keys, modes=modes)
    try:
        yield server
    finally:
        server.stop()
