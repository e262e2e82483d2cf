# SPDX-License-Identifier: MIT
"""User-space instructions of a worker, counted by callgrind, as slopes between two counts: start
and end drop out. Kernel time is not in them and noise doesn't touch them, so several are counted
at once."""
import collections
import concurrent.futures
import glob
import os
import statistics
import tempfile

import figures
import servers
from measure import (BROADCAST_OCTETS, SUBSCRIBERS, WINDOW, BenchError, emit,
                     wsload_once)

PROTECTION_SHARE = 0.03  # what the budgets of scripts may add to the instructions of an echo
AT_ONCE = 2

# What is counted. promise: which one it is for, or None. counts: the two, which follow the last of
# the arguments; each is one of so many `units`. tries: how many messages share a read at depth 16
# is up to the moment, so there the median of several slopes is taken. is_compared: with a build
# without the budgets. path: of the gateway.
Count = collections.namedtuple(
    "Count", "name promise load arguments counts units tries is_compared path",
    defaults=["/bench"])
MESSAGES = (4000, 24000)
COUNTS = (
    Count("JSON echo, depth 1", None, "echo",
          ["--connections", 100, "--depth", 1, "--messages"], MESSAGES, 1, 1, True),
    Count("JSON echo, depth 16", "echo_instructions", "echo",
          ["--connections", 100, "--depth", 16, "--messages"], MESSAGES, 1, 3, True),
    Count("relay of raw text, depth 16", "relay_instructions", "echo",
          ["--connections", 100, "--depth", 16, "--messages"], MESSAGES, 1, 3, True, "/raw"),
    Count("relay of a raw event, depth 16", None, "echo",
          ["--connections", 100, "--depth", 16, "--event", "relay", "--messages"], MESSAGES, 1, 1,
          True),
    Count(f"broadcast, a delivery of {WINDOW} in flight", "delivery_instructions", "broadcast",
          ["--connections", SUBSCRIBERS, "--window", WINDOW, "--payload", BROADCAST_OCTETS,
           "--event", "publish", "--messages"], (40, 240), SUBSCRIBERS, 1, False),
    Count("connection: upgrade and close, without a token", None, "open", ["--connections"],
          (500, 3000), 1, 1, False),
)


def worker_instructions(options, build, count, number):
    """User-space instructions of the worker from its start to its end."""
    with tempfile.TemporaryDirectory() as directory:
        wrapper = ["valgrind", "--tool=callgrind", "--trace-children=yes",
                   f"--callgrind-out-file={directory}/callgrind.out.%p"]
        with servers.tidegate(build, wrapper=wrapper, start_s=120, path=count.path) as server:
            workers = server.worker_pids()
            if len(workers) != 1:
                raise BenchError(f"one worker expected, found {workers}")
            wsload_once(options.build, server, count.load,
                        ["--at-once", 4, "--seconds", 200, *count.arguments, number])
        files = glob.glob(f"{directory}/callgrind.out.{workers[0]}*")
        if not files:
            raise BenchError("the worker left no callgrind.out file")
        total = 0
        for path in files:
            with open(path, encoding="utf-8", errors="replace") as file:
                total += figures.callgrind_total(file.read())
        return total


def slope(options, build, count):
    """Instructions for one more."""
    few, many = (worker_instructions(options, build, count, number) for number in count.counts)
    return figures.slope(count.counts[0], few, count.counts[1], many) / count.units


def count_all(options):
    """The instructions of each of COUNTS, and those of the build without budgets or None."""
    pool = concurrent.futures.ThreadPoolExecutor(AT_ONCE)
    try:
        pending = [[[pool.submit(slope, options, build, count) for _ in range(count.tries)]
                    for build in [options.build, options.unprotected][:1 + count.is_compared]]
                   for count in COUNTS]
        medians = [[statistics.median(future.result() for future in slopes) for slopes in builds]
                   for builds in pending]
    finally:
        pool.shutdown(cancel_futures=True)
    return [(ours, *(without or [None])) for ours, *without in medians]


def row_of(count, ours, without, ledger):
    share = None if without is None else figures.share_of(ours, without)
    emit("instructions", "tidegate", {"what": count.name, "per_unit": ours,
                                      "per_unit_unprotected": without, "protection": share})
    # A relay does so little else that the same few instructions are a larger share.
    if share is not None and share > PROTECTION_SHARE and "echo" in count.name:
        raise BenchError(f"{count.name}: budgets cost {share:.1%} of the instructions, at most "
                         f"{PROTECTION_SHARE:.0%} are wanted")
    if count.promise:
        ledger.note(count.promise, ours)
    return [count.name, ours, "" if without is None else without,
            "" if share is None else f"{share:.2%}"]


def case(options, ledger):
    for path in (options.build, options.unprotected):
        if not os.path.exists(os.path.join(path, "tidegate")):
            raise BenchError(f"no tidegate in {path}: ./dev bench builds both")
    rows = [row_of(count, *instructions, ledger)
            for count, instructions in zip(COUNTS, count_all(options))]
    return ["### User-space instructions\n\n"
            + figures.table(["of one, with 100 connections and 55 octets where not told",
                             "instructions", "without budgets of scripts", "more"], rows)]
