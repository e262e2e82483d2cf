# SPDX-License-Identifier: MIT
"""The stage of a play: servers to play against, actors with names, tokens, counts and the seed.

The actors speak through python3-websockets, tokens are minted by PyJWT: neither is ours, so that
an error of ours can't hide behind its own mirror image."""
import asyncio
import contextlib
import json
import os
import random
import socket
import time
import http.client

import jwt
import websockets

import raw
import server as servers
from server import Failed, patient

SAME = object()


def check(is_true, sentence):
    if not is_true:
        raise Failed(sentence)


def equal(got, wanted, what):
    if got != wanted:
        raise Failed(f"{what}: got {got!r}, not {wanted!r}")


class Actor:
    """A client with a name. What it hears comes in order; every wait has a deadline."""

    def __init__(self, name, connection):
        self.name = name
        self.connection = connection
        self.asked = 0
        self.last_id = None

    async def say(self, text):
        """One message as it is: text or binary."""
        await asyncio.wait_for(self.connection.send(text), patient(5))

    async def send(self, event, data=SAME):
        message = {"event": event}
        if data is not SAME:
            message["data"] = data
        await self.say(json.dumps(message))

    async def hear(self, within=3):
        """The next message as it is."""
        try:
            return await asyncio.wait_for(self.connection.recv(), patient(within))
        except asyncio.TimeoutError:
            raise Failed(f"{self.name} heard nothing within {within} s") from None
        except websockets.ConnectionClosed:
            code, reason = self.connection.close_code, self.connection.close_reason
            raise Failed(f"{self.name} heard the end instead: {code} {reason!r}") from None

    async def hears(self, event, data=SAME, within=3):
        """The next message is this event; returns its data."""
        text = await self.hear(within)
        message = json.loads(text)
        if not isinstance(message, dict) or message.get("event") != event:
            raise Failed(f"{self.name} heard {text!r}, not the event {event!r}")
        equal(set(message), {"event", "data"}, f"{self.name}: members of an event")
        if data is not SAME:
            equal(message["data"], data, f"{self.name} heard {event}")
        return message["data"]

    async def request(self, event, data=SAME, number=None, within=3):
        """Sends with an id; the next message must be the answer. Returns it without the id."""
        await self.ask(event, data, number)
        return await self.answer(self.last_id, within)

    async def ask(self, event, data=SAME, number=None):
        self.asked += 1
        self.last_id = self.asked if number is None else number
        message = {"event": event, "id": self.last_id}
        if data is not SAME:
            message["data"] = data
        await self.say(json.dumps(message))

    async def answer(self, number, within=3):
        text = await self.hear(within)
        message = json.loads(text)
        if message.get("id") != number or "event" in message:
            raise Failed(f"{self.name} heard {text!r}, not the answer to {number!r}")
        del message["id"]
        if len(message) != 1 or next(iter(message)) not in ("data", "error"):
            raise Failed(f"{self.name} got an answer with neither or both: {text!r}")
        return message

    async def data(self, event, data=SAME, within=3):
        answer = await self.request(event, data, within=within)
        if "data" not in answer:
            raise Failed(f"{self.name}: {event} was answered with {answer!r}")
        return answer["data"]

    async def error(self, event, data=SAME, within=3):
        """The code of the error that the request is answered with."""
        answer = await self.request(event, data, within=within)
        if "error" not in answer:
            raise Failed(f"{self.name}: {event} was answered with {answer!r}")
        equal(set(answer["error"]), {"code", "message"}, "members of an error")
        check(isinstance(answer["error"]["message"], str), "an error's message is text")
        return answer["error"]["code"]

    async def heard_nothing(self):
        """Nothing came before the answer to a question asked now: messages keep their order."""
        equal(await self.error("no.such.event"), "unknown_event", f"{self.name} asks")

    async def is_closed(self, code, reason=SAME, within=3):
        """The connection ends with this code, whatever messages come before."""
        try:
            await asyncio.wait_for(self.drain(), patient(within))
        except asyncio.TimeoutError:
            raise Failed(f"{self.name} was not closed within {within} s") from None
        got = (self.connection.close_code, self.connection.close_reason)
        equal(got[0], code, f"{self.name}'s close code ({got[1]!r})")
        if reason is not SAME:
            equal(got[1], reason, f"{self.name}'s close reason")

    async def drain(self):
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await self.connection.recv()
        await self.connection.wait_closed()

    async def leave(self, code=1000, reason=""):
        await asyncio.wait_for(self.connection.close(code, reason), patient(5))

    def vanish(self):
        """Ends with a RST and without a word."""
        sock = self.connection.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.connection.transport.abort()

    def stall(self):
        """Reads nothing more from the socket."""
        self.connection.transport.pause_reading()


class Stage:
    def __init__(self, counts, seed):
        self.counts = counts
        self.seed = seed
        self.random = random.Random(seed)
        self.told = {}
        self.secrets = []
        self.peers = []

    def count(self, name, test, full):
        """How much this run does; printed at the end."""
        self.told[name] = full if self.counts == "full" else test
        return self.told[name]

    def tell(self, name, value):
        self.told[name] = value

    @contextlib.asynccontextmanager
    async def server(self, gateways=servers.SPECIAL, flags=(), descriptors=None, cwd=None,
                     tls=None, **settings):
        """A running server; at the end of the block it is stopped and judged."""
        server = servers.Server(gateways, settings, flags, descriptors, cwd, tls)
        server.secrets = self.secrets
        try:
            await server.start()
            yield server
            for peer in self.peers:
                peer.hang_up()
            self.peers.clear()
            if server.expected_exit == 0:
                await server.stop()
        except BaseException:
            print(f"--- log of the server, last of {len(server.lines)} lines", flush=True)
            print("\n".join(server.lines[-60:]), flush=True)
            raise
        finally:
            await server.destroy()

    def token(self, secret=servers.SECRET, algorithm="HS256", headers=None, **claims):
        """A signed token, good for a minute unless exp says otherwise. A claim of None is left
        out."""
        body = {"sub": "alice", "exp": int(time.time()) + 60}
        body.update(claims)
        body = {name: value for name, value in body.items() if value is not None}
        return self.secret(jwt.encode(body, secret, algorithm=algorithm, headers=headers))

    def secret(self, token):
        """A text that must never be seen in a log."""
        if len(token) > 24:
            self.secrets.append(token)
            self.secrets.append(token[-24:])
        return token

    async def client(self, server, name, path, token=None, tenant=None, headers=None, port=None,
                     **options):
        """An actor whose handshake has succeeded. Refusals raise websockets.InvalidStatusCode."""
        fields = dict(headers or {})
        if token is not None:
            fields["Authorization"] = f"Bearer {token}"
        if tenant is not None:
            fields["X-Tenant-Id"] = tenant
        connection = await websockets.connect(
            server.url(path, port), extra_headers=fields, ping_interval=None,
            open_timeout=patient(10), close_timeout=patient(5), max_size=None, max_queue=None,
            **server.connect_options(port), **options
        )
        return Actor(name, connection)

    async def client_on(self, number, server, name, path, **options):
        """An actor on the worker with this number. The kernel spreads connections by chance, so
        those that came elsewhere leave again; the gateway tells where by its event "worker"."""
        for _ in range(64):
            actor = await self.client(server, name, path, **options)
            if await actor.data("worker") == number:
                return actor
            await actor.leave()
        raise Failed(f"no connection reached worker {number}")

    async def client_on_each(self, server, name, path, **options):
        """An actor on each worker: on the first, the second ..."""
        return [await self.client_on(number, server, name, path, **options)
                for number in range(1, server.worker_count + 1)]

    async def answer(self, server, path, token=None, tenant=None, headers=None):
        """The HTTP answer to an upgrade: status, fields in lower case, body."""

        def ask():
            context = server.trusted[server.port]
            connection = (
                http.client.HTTPSConnection("127.0.0.1", server.port, timeout=patient(5),
                                            context=context) if context else
                http.client.HTTPConnection("127.0.0.1", server.port, timeout=patient(5)))
            fields = {"Upgrade": "websocket", "Connection": "Upgrade",
                      "Sec-WebSocket-Version": "13",
                      "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
            fields.update(headers or {})
            if token is not None:
                fields["Authorization"] = f"Bearer {token}"
            if tenant is not None:
                fields["X-Tenant-Id"] = tenant
            try:
                connection.request("GET", path, headers=fields)
                answer = connection.getresponse()
                names = {name.lower(): value for name, value in answer.getheaders()}
                return answer.status, names, answer.read().decode()
            finally:
                connection.close()

        return await asyncio.to_thread(ask)

    async def refuses(self, status, server, path, **options):
        """The handshake of a proper client is refused with this status."""
        try:
            actor = await self.client(server, "nobody", path, **options)
        except websockets.InvalidStatusCode as refusal:
            equal(refusal.status_code, status, f"the refusal at {path}")
            return refusal.headers
        await actor.leave()
        raise Failed(f"{path} let a client in that should get {status}")

    async def raw(self, server, path="/echo", **options):
        peer = await raw.RawPeer.open(server.port, path, **options)
        if len(self.peers) >= 256:
            self.peers = [one for one in self.peers if not one.writer.is_closing()]
        self.peers.append(peer)
        return peer

    async def within(self, seconds, awaitable, what):
        try:
            return await asyncio.wait_for(awaitable, patient(seconds))
        except asyncio.TimeoutError:
            raise Failed(f"{what} did not happen within {seconds} s") from None


def seed_of_this_run():
    return int(os.environ.get("TIDEGATE_SEED", random.SystemRandom().randrange(1 << 32)))
