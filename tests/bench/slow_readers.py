# SPDX-License-Identifier: MIT
"""Subscribers that never read, among many that do: what becomes of them, of their queues, and of
the others' latency."""
import asyncio
import json
import re
import threading
import time
import urllib.request

import websockets

import figures
import servers
from measure import SERVER_CORE, BenchError, check_noise, emit, wsload_once

SUBSCRIBERS, SLOW = 1000, 100
PACE, OCTETS = 100, 1024  # broadcasts in a second, and of each
WITHOUT_S, AMONG_S = 3, 7  # all of the slow ones have to be gone in this time
MOST_ROUNDS = 3
ARGUMENTS = ["--connections", SUBSCRIBERS, "--event", "publish", "--pace", PACE,
             "--window", 1000, "--payload", OCTETS, "--warm-up", 0.5]
GONE = re.compile(r'^ws_closed_total\{reason="(?:slow_client|write_deadline)"\} (\d+)$',
                  re.MULTILINE)


def gone(admin):
    """How many slow clients the server has given up."""
    with urllib.request.urlopen(f"http://{admin}/metrics", timeout=10) as answer:
        return sum(map(int, GONE.findall(answer.read().decode())))


class Watch:
    """Looks at the metrics all the while; `last` is when the count grew last."""

    def __init__(self, admin):
        self._admin = admin
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.count, self.last = 0, None

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, value, trace):
        self._is_over.set()
        self._thread.join()

    def _look(self):
        while not self._is_over.wait(0.1):
            now = gone(self._admin)
            if now > self.count:
                self.count, self.last = now, time.monotonic()


async def ask_worst(server):
    async with websockets.connect(f"ws://127.0.0.1:{server.port}{server.path}") as socket:
        await socket.send('{"event":"worst"}')
        answer = json.loads(await asyncio.wait_for(socket.recv(), 20))
    return answer["data"]


def one_round(options):
    """The deliveries without slow readers, those among them, and what became of the slow ones."""
    with servers.tidegate(options.build, SERVER_CORE, path="/slow") as server:
        without = wsload_once(options.build, server, "broadcast",
                              [*ARGUMENTS, "--seconds", WITHOUT_S])
        with Watch(server.admin) as watch:
            start = time.monotonic()
            among = wsload_once(options.build, server, "broadcast",
                                [*ARGUMENTS, "--slow", SLOW, "--seconds", AMONG_S])
        try:
            worst = asyncio.run(ask_worst(server))
        except websockets.WebSocketException as error:
            raise BenchError(f"the gateway was not asked: {error}") from None
    if watch.count != SLOW:
        raise BenchError(f"{watch.count} of {SLOW} slow readers were given up in {AMONG_S} s")
    # The connections were opened in this time too: the true span is shorter.
    return without, among, {"gone_s": watch.last - start, **worst}


def case(options, ledger):
    rounds = [one_round(options) for _ in range(min(options.rounds, MOST_ROUNDS))]
    without, among, fates = map(list, zip(*rounds))
    ratio = figures.ratio_to(among, without, "p99_us")
    span, messages, octets = (max(fate[key] for fate in fates)
                              for key in ("gone_s", "messages", "bytes"))
    check_noise(options, "slow_readers", {"without": without, "among": among})
    p99s = [figures.median_of(deliveries, "p99_us") for deliveries in (without, among)]
    emit("slow_readers", "tidegate", {
        "p99_us": p99s[1], "p99_us_without": p99s[0], "p99_ratio": ratio, "gone_s": span,
        "queue_messages": messages, "queue_bytes": octets,
        "foreign": max(figures.median_of(some, "foreign") for some in (among, without)),
        "rounds": len(rounds)})
    ledger.note("slow_readers_p99_ratio", ratio)
    ledger.note("slow_readers_gone_s", span)
    ledger.note("slow_readers_queue_messages", messages)
    ledger.note("slow_readers_queue_bytes", octets)
    columns = ["subscribers", "p50 µs", "p99 µs", "fullest queue", "last one gone after"]
    rows = [[f"{SUBSCRIBERS:,} that read", figures.median_of(without, "p50_us"), p99s[0], "", ""],
            [f"{SUBSCRIBERS - SLOW:,} that read, {SLOW} that never do",
             figures.median_of(among, "p50_us"), p99s[1],
             f"{messages:,} messages, {octets:,} octets", f"{span:.1f} s"]]
    return [f"### {PACE} broadcasts of {OCTETS:,} octets a second\n\n"
            + figures.table(columns, rows)]
