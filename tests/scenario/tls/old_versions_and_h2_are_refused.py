# SPDX-License-Identifier: MIT
"""TLS 1.2 and 1.3 are spoken, nothing older; of application protocols http/1.1 alone is agreed on;
nothing is resumed or renegotiated."""
import asyncio
import ssl
import warnings

from raw import TEXT, frame
from stage import Failed, check, equal


def context_for(server, version, protocols=()):
    context = ssl.create_default_context(cafile=server.tls[0].certificate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = version
        context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


async def shake_hands(server, context):
    _, writer = await asyncio.wait_for(asyncio.open_connection(
        "127.0.0.1", server.port, ssl=context, server_hostname="localhost"), 5)
    tls = writer.get_extra_info("ssl_object")
    writer.close()
    return tls


async def s_client(server, said, *options):
    """What OpenSSL's own client has to tell."""
    child = await asyncio.create_subprocess_exec(
        "openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-CAfile",
        server.tls[0].certificate, *options, stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
    out, _ = await asyncio.wait_for(child.communicate(said), 20)
    return out.decode("utf-8", "replace")


async def play(stage):
    async with stage.server(tls="own") as server:
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            try:
                await shake_hands(server, context_for(server, version))
                raise Failed(f"{version.name} was spoken")
            except (ssl.SSLError, ConnectionError):
                pass
        await server.metric_becomes("ws_tls_failures_total", 2)
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for offer, wanted in [((), None), (("http/1.1",), "http/1.1"), (("h2",), None),
                                  (("h2", "http/1.1"), "http/1.1"), (("h3", "x"), None)]:
                tls = await shake_hands(server, context_for(server, version, offer))
                equal(tls.version().replace(".", "_"), version.name, "the version")
                equal(tls.selected_alpn_protocol(), wanted, f"the protocol of {offer}")
                suite = tls.cipher()[0]
                check("GCM" in suite or "CHACHA20" in suite, f"the suite {suite}")
                check(suite.startswith(("ECDHE", "TLS_")), f"forward secrecy of {suite}")
        weak = context_for(server, ssl.TLSVersion.TLSv1_2)
        weak.set_ciphers("ECDHE+AES+SHA1:kRSA:@SECLEVEL=0")
        try:
            await shake_hands(server, weak)
            raise Failed("a weak suite was spoken")
        except (ssl.SSLError, ConnectionError):
            pass
        for version in ("-tls1_2", "-tls1_3"):
            told = await s_client(server, b"", version, "-reconnect")
            equal(told.count("New, TLSv1"), 6, f"{version}: full handshakes of six")
            equal(told.count("Reused, TLSv1"), 0, f"{version}: handshakes resumed")
        told = await s_client(server, b"R\n", "-tls1_2")
        check("RENEGOTIATING" in told and "no renegotiation" in told, f"renegotiation: {told}")
        peer = await stage.raw(server, "/raw")
        peer.send(frame(TEXT, "a ticket would come before this"))
        await peer.read_frame()
        equal(peer.writer.tls.version(), "TLSv1.3", "the version")
        check(not peer.writer.tls.session.has_ticket, "no ticket came")
        alice = await stage.client(server, "alice", "/north")
        await alice.heard_nothing()
