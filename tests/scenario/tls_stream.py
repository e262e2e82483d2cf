# SPDX-License-Identifier: MIT
"""TLS for a peer that may misbehave: a reader and a writer like asyncio's, but the end of what the
server says doesn't hang up, and nothing is read ahead of who reads."""
import asyncio
import ssl


class TlsStream(asyncio.Protocol):
    """The octets between a socket and a reader. was_told_the_end: close_notify has come; what came
    after it, or in place of it, is the socket's end alone."""

    def __init__(self, context, limit):
        self.incoming = ssl.MemoryBIO()
        self.outgoing = ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="127.0.0.1")
        self.reader = asyncio.StreamReader(limit=limit)
        self.established = asyncio.get_running_loop().create_future()
        self.was_told_the_end = False

    # --- what the socket tells ---

    def connection_made(self, transport):
        self.transport = transport
        self.reader.set_transport(transport)
        self.step()

    def data_received(self, data):
        self.incoming.write(data)
        self.step()

    def eof_received(self):
        self.fail(ConnectionResetError("the connection ended"))
        self.reader.feed_eof()
        return True  # our side stays open

    def connection_lost(self, exc):
        self.fail(exc or ConnectionResetError("the connection is gone"))
        if exc:
            self.reader.set_exception(exc)
        else:
            self.reader.feed_eof()

    # --- the work ---

    def fail(self, exc):
        if not self.established.done():
            self.established.set_exception(exc)

    def step(self):
        try:
            if not self.established.done():
                self.tls.do_handshake()
                self.established.set_result(None)
            while not self.was_told_the_end:
                self.take(self.tls.read(65536))
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self.fail(error)
            self.reader.feed_eof()
        self.flush()

    def take(self, octets):
        if octets:
            self.reader.feed_data(octets)
        else:
            self.was_told_the_end = True
            self.reader.feed_eof()

    def flush(self):
        octets = self.outgoing.read()
        if octets and not self.transport.is_closing():
            self.transport.write(octets)

    # --- the writer ---

    def write(self, octets):
        self.tls.write(octets)
        self.flush()

    async def drain(self):
        while self.transport.get_write_buffer_size() > 65536:
            await asyncio.sleep(0.01)

    def get_extra_info(self, name):
        return self.transport.get_extra_info(name)

    def is_closing(self):
        return self.transport.is_closing()


async def open_stream(sock, context, limit):
    """Shakes hands over a connected socket; gives reader and writer."""
    _, stream = await asyncio.get_running_loop().create_connection(
        lambda: TlsStream(context, limit), sock=sock)
    await asyncio.wait_for(stream.established, 5)
    return stream.reader, stream
