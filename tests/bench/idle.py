# SPDX-License-Identifier: MIT
"""What connections cost that say nothing: memory, plain and with TLS, and the CPU of pings."""
import contextlib
import os
import resource
import socket
import ssl
import subprocess
import tempfile
import time

import figures
import servers
from measure import SERVER_CORE, BenchError, emit, start, summarize, wsload_once, ratio_columns

PLAIN, TLS = 10000, 2000
SETTLE_S = 2
HOLD_S = 0.1
MOST_ROUNDS = 2  # of memory, which is the same each time
PING_INTERVAL_S = 30
SPARE_DESCRIPTORS = 200
REQUEST = ("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
           "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
           "Sec-WebSocket-Version: 13\r\n\r\n")


def idle_once(options, name):
    # A new server each time: memory that a former round gave back would hide the growth.
    with start(options, name) as server:
        result = wsload_once(options.build, server, "idle",
                             ["--connections", PLAIN, "--seconds", HOLD_S])
    result["bytes_per_connection"] = figures.growth_per_connection(result)
    result["total_mib"] = figures.total_rss(result) / (1 << 20)
    return result


def plain(options, ledger):
    names = [name for name in ("tidegate", "nginx-lua", "gorilla", "ws", "bare")
             if name in options.servers]
    results = {name: [] for name in names}
    for _ in range(min(options.rounds, MOST_ROUNDS)):
        for name, rounds in results.items():
            rounds.append(idle_once(options, name))
    rows = summarize("idle", results, ["bytes_per_connection", "total_mib"])
    ledger.note("idle_plain_bytes",
                figures.median_of(results["tidegate"], "bytes_per_connection"))
    columns = ["server", "octets/connection", "total MiB", *ratio_columns(results), "spread"]
    return (f"### Resident memory, {PLAIN:,} idle connections\n\n"
            + figures.table(columns, [row[:-1] for row in rows]))


def pinged(options, ledger):
    """One round of pings is over after one interval, wherever it is cut."""
    with servers.tidegate(options.build, SERVER_CORE,
                          env={"TIDEGATE_PING_INTERVAL": f"{PING_INTERVAL_S}s"}) as server:
        result = wsload_once(options.build, server, "idle",
                             ["--connections", PLAIN, "--seconds", PING_INTERVAL_S])
    if not 0.9 * PLAIN <= result["pings"] <= 2.2 * PLAIN:
        raise BenchError(f"{result['pings']} pings came to {PLAIN} connections")
    cost = result["cpu_ms_per_second"]
    emit("pinged", "tidegate", {"cpu_ms_per_second": cost, "pings": result["pings"],
                                "foreign": result["foreign"]})
    ledger.note("pinged_cpu_ms_per_second", cost)
    return (f"### CPU of {PLAIN:,} idle connections, each pinged every {PING_INTERVAL_S} s\n\n"
            + figures.table(["server", "CPU ms/s"], [["tidegate", cost]]))


def write_tls_config(directory):
    certificate, key = (os.path.join(directory, name) for name in ("tls.crt", "tls.key"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-keyout", key, "-out", certificate, "-days", "2", "-subj", "/CN=localhost"],
        check=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    path = os.path.join(directory, "tidegate.lua")
    with open(path, "w", encoding="utf-8") as file:
        file.write('listen = { { address = "127.0.0.1", port = 0, '
                   f'tls = {{ certificate = "{certificate}", key = "{key}" }} }} }}\n')
    return path


def open_tls(server, context):
    plain_one = socket.create_connection(("127.0.0.1", server.port), timeout=20)
    # Or the request would wait for the kernel's delayed word that the handshake's end has come.
    plain_one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection = context.wrap_socket(plain_one)
    connection.sendall(REQUEST.format(path=server.path).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        octets = connection.recv(4096)
        if not octets:
            raise BenchError(f"a connection ended after {answer[:200]!r}")
        answer += octets
    if not answer.startswith(b"HTTP/1.1 101 "):
        raise BenchError(f"an upgrade was answered by {answer[:200]!r}")
    return connection


def tls_once(options):
    """Octets by which the server's processes grow for each of TLS connections."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with contextlib.ExitStack() as stack:
        config = write_tls_config(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(
            servers.tidegate(options.build, SERVER_CORE, config=config, listen=None))
        before = server.rss_bytes()
        for _ in range(TLS):
            stack.enter_context(open_tls(server, context))
        time.sleep(SETTLE_S)
        return (server.rss_bytes() - before) / TLS


def tls(options, ledger):
    limit, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE,
                       (min(hard, max(limit, TLS + SPARE_DESCRIPTORS)), hard))
    rounds = [{"bytes": tls_once(options)} for _ in range(min(options.rounds, MOST_ROUNDS))]
    octets = figures.median_of(rounds, "bytes")
    emit("idle_tls", "tidegate", {"bytes_per_connection": octets, "rounds": len(rounds)})
    ledger.note("idle_tls_bytes", octets)
    return (f"### Resident memory, {TLS:,} idle connections with TLS 1.3\n\n"
            + figures.table(["server", "octets/connection"], [["tidegate", octets]]))


def case(options, ledger):
    return [plain(options, ledger), pinged(options, ledger), tls(options, ledger)]
