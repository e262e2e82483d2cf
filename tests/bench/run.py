#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures Tidegate beside its peers and prints tables and one line of JSON for each figure; the
last line tells each of the promises (promises.py): its figure, its bound, whether it is kept.

usage: run.py [CASE ...] [--peers NAME,...] [--build DIR] [--unprotected DIR] [--rounds N]
              [--seconds S] [--write]

Cases: echo, broadcast, workers, text, open, handshake, idle, slow, instructions; all of them when
none is named. The peers nginx-lua and gorilla are made first (peers.py), each left out by name when
it can't be had. Servers run on core 0, the generator on core 1, and take turns in each round, so
that what disturbs the machine disturbs all. The instructions are counted a second time in a build
without the budgets of scripts (TG_UNPROTECTED); what these cost more than they may is an error.
--write puts the tables into docs/benchmarks.md.

Exits with 0 when every case could be run, whatever they show, and with 1 when one could not; the
others are measured, and written, all the same."""
import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile

import figures
import idle
import instructions
import peers
import promises
import servers
import slow_readers
import tokens
from measure import (BROADCAST_OCTETS, SERVER_CORE, SUBSCRIBERS, WINDOW, BenchError, at_least,
                     check_noise, emit, rate_table, rounds_of, starters, timed, wsload_once)
from servers import ROOT

PEERS = ("nginx-lua", "gorilla", "ws", "bare")
CROWD, CROWD_ROUNDS = 5000, 11
FINE_ROUNDS = 15  # at least: of the same kind
NEIGHBOURS = 200  # of whom about half are with the other worker
HANDSHAKE_ROUNDS = 11  # at least: what is compared differs by little
FAULTS = (BenchError, peers.PeerMissing, OSError, subprocess.SubprocessError)


def ratio(results, name, peer, key="rate"):
    """Of the rounds of one to those of the other; None where either was not measured."""
    if name not in results or peer not in results:
        return None
    return figures.ratio_to(results[name], results[peer], key)


def note_ratio(ledger, promise, *of):
    value = ratio(*of)
    if value is not None:
        ledger.note(promise, value)


def case_echo(options, ledger):
    """With one message in flight the kernel does most of the work, servers differ by little and
    the machine's mood counts as much: more and shorter rounds."""
    parts = []
    for depth, rounds, share in ((1, FINE_ROUNDS, 0.5), (16, 0, 1)):
        results = rounds_of(options, "echo",
                            timed(options, "--connections", 100, "--depth", depth, share=share),
                            starters(options, ("tidegate", *PEERS)),
                            at_least(options, rounds))
        parts.append(rate_table(options, f"JSON echo, 100 connections, depth {depth}, 55 octets",
                                f"echo_depth_{depth}", results, "msg/s", "msg"))
        for peer in ("nginx-lua", "bare", *(["ws"] if depth == 16 else [])):
            note_ratio(ledger, f"echo_depth_{depth}_to_{peer.replace('-', '_')}", results,
                       "tidegate", peer)
        if depth == 1:
            note_ratio(ledger, "echo_depth_1_p99_to_bare", results, "tidegate", "bare", "p99_us")
    return parts


def broadcast_to(options, names, subscribers, window, rounds=None):
    return rounds_of(options, "broadcast",
                     timed(options, "--connections", subscribers, "--window", window, "--payload",
                           BROADCAST_OCTETS, "--event", "publish"),
                     starters(options, names), rounds)


def case_broadcast(options, ledger):
    results = broadcast_to(options, ("tidegate", *PEERS), SUBSCRIBERS, WINDOW)
    crowd = broadcast_to(options, ("tidegate", "bare"), CROWD, 1,
                         at_least(options, CROWD_ROUNDS))
    title = (f"Broadcast to {SUBSCRIBERS:,} subscribers, {WINDOW} in flight, "
             f"{BROADCAST_OCTETS} octets")
    crowd_title = f"Broadcast to {CROWD:,} subscribers, 1 in flight, {BROADCAST_OCTETS} octets"
    parts = [rate_table(options, title, "broadcast", results, "deliveries/s", "delivery"),
             rate_table(options, crowd_title, "broadcast_5000", crowd, "deliveries/s", "delivery")]
    note_ratio(ledger, "broadcast_to_ws", results, "tidegate", "ws")
    note_ratio(ledger, "broadcast_5000_to_bare", crowd, "tidegate", "bare")
    return parts


def of_workers(options, count):
    return lambda: servers.tidegate(options.build, workers=count)


def case_workers(options, ledger):
    """Nobody is pinned here: two workers and the generator share both cores."""
    one, two = "1 worker", "2 workers"
    results = rounds_of(options, "echo", timed(options, "--connections", 100),
                        {one: of_workers(options, 1), two: of_workers(options, 2)})
    parts = [rate_table(options, "JSON echo, depth 1, both cores shared with the generator",
                        "workers", results, "msg/s", "msg")]
    note_ratio(ledger, "two_workers_to_one", results, two, one)
    across = rounds_of(options, "broadcast",
                       timed(options, "--connections", NEIGHBOURS, "--elsewhere", "--event",
                             "publish"),
                       {two: of_workers(options, 2)})[two]
    check_noise(options, "across_workers", {two: across})
    values = {key: figures.median_of(across, key) for key in
              ("subscribers", "all_p50_us", "all_p99_us", "foreign")}
    emit("across_workers", "tidegate", {**values, "rounds": len(across)})
    ledger.note("across_workers_ms", values["all_p50_us"] / 1000)
    parts.append("### From a publish until all of another worker's room have it\n\n"
                 + figures.table(["members", "p50 µs", "p99 µs"],
                                 [[f"{values['subscribers']:,.0f}", values["all_p50_us"],
                                   values["all_p99_us"]]]))
    return parts


def case_text(options, ledger):
    parts = []
    for kib, connections in ((16, 20), (256, 10)):
        results = rounds_of(options, "echo",
                            timed(options, "--connections", connections, "--payload", kib << 10,
                                  share=0.5),
                            starters(options, ("tidegate", "ws", "bare"), "/raw"),
                            at_least(options, FINE_ROUNDS))
        parts.append(rate_table(
            options, f"Text of {kib} KiB through a raw gateway, {connections} connections, depth 1",
            f"text_{kib}_kib", results, "msg/s", "msg"))
        peer = "bare" if kib == 16 else "ws"
        note_ratio(ledger, f"text_{kib}_kib_to_{peer}", results, "tidegate", peer)
    return parts


def case_open(options, _ledger):
    results = rounds_of(options, "open", ["--connections", 1000000, "--at-once", 100,
                                          "--seconds", options.seconds],
                        starters(options, ("tidegate", *PEERS)))
    return [rate_table(options, "Connect, upgrade, close handshake; 100 at a time", "open", results,
                       "connections/s", "connection")]


def handshakes_once(options, config, token_file, count):
    """A new server, which has verified no token yet, after as many handshakes without one, since
    what a server touches for the first time is not the token's: the results of the first time and
    of the same handshakes again."""
    plain = ["--connections", count, "--at-once", 100, "--seconds", 60]
    arguments = plain + ["--tokens", token_file] if token_file else plain
    with servers.tidegate(options.build, SERVER_CORE, config=config) as server:
        wsload_once(options.build, server, "open", plain)
        return [wsload_once(options.build, server, "open", arguments) for _ in range(2)]


def measure_handshakes(options):
    """The results of interleaved rounds by what the handshakes brought."""
    results = {"no token": []}
    with tempfile.TemporaryDirectory() as directory:
        keys = tokens.make_keys()
        config = tokens.write_config(directory, keys)
        files = {name: tokens.write_tokens(directory, name, key) for name, key in keys.items()}
        for _ in range(at_least(options, HANDSHAKE_ROUNDS)):
            bare = handshakes_once(options, config, None, tokens.COUNTS["HS256"])
            results["no token"].append(bare[0])
            for name, path in files.items():
                first, again = handshakes_once(options, config, path, tokens.COUNTS[name])
                results.setdefault(f"{name}, first time", []).append(first)
                results.setdefault(f"{name}, again", []).append(again)
    return results


def case_handshake(options, _ledger):
    results = measure_handshakes(options)
    check_noise(options, "handshake", results)
    rows = []
    for name, rounds in results.items():
        bare = results["no token"]
        values = {key: figures.median_of(rounds, key) for key in ("rate", "p50_us", "cpu_us_per")}
        values["ratio_to_no_token"] = figures.ratio_to(rounds, bare, "rate")
        values["cpu_ratio_to_no_token"] = figures.ratio_to(rounds, bare, "cpu_us_per")
        values["spread"] = figures.spread_of(rounds, "rate")
        values["foreign"] = figures.median_of(rounds, "foreign")
        emit("handshake", name, {**values, "rounds": len(rounds)})
        rows.append([name, values["rate"], values["p50_us"], values["cpu_us_per"],
                     f"{values['ratio_to_no_token']:.2f}",
                     f"{values['cpu_ratio_to_no_token']:.2f}", f"±{values['spread']:.0%}",
                     f"{values['foreign']:.0%}"])
    columns = ["token", "accepted/s", "p50 µs", "CPU µs/handshake", "ratio to no token",
               "CPU ratio", "spread", "foreign CPU"]
    return ["### Accepted handshakes, each with its close, 100 at a time\n\n"
            + figures.table(columns, rows)]


CASES = {"echo": case_echo, "broadcast": case_broadcast, "workers": case_workers,
         "text": case_text, "open": case_open, "handshake": case_handshake, "idle": idle.case,
         "slow": slow_readers.case, "instructions": instructions.case}


def machine(beside):
    """Where, beside what and when this was measured, in one sentence."""
    lscpu = json.loads(subprocess.run(["lscpu", "--json"], capture_output=True, text=True,
                                      check=True, env={**os.environ, "LC_ALL": "C"}).stdout)
    fields = {}
    pending = list(lscpu["lscpu"])
    for entry in pending:
        fields[entry["field"].rstrip(":")] = entry["data"]
        pending += entry.get("children", [])
    today = datetime.date.today().isoformat()
    kernel = platform.release().split("-")[0]
    parts = [f"{fields['Model name']}, {fields['CPU(s)']} cores, Linux {kernel}",
             *beside, today]
    return "; ".join(parts) + "."


def write_page(text):
    path = os.path.join(ROOT, "docs", "benchmarks.md")
    with open(path, encoding="utf-8") as page:
        changed = figures.replace_figures(page.read(), text)
    with open(path, "w", encoding="utf-8") as page:
        page.write(changed)


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--peers", default=",".join(PEERS), help="of " + ", ".join(PEERS))
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--unprotected", default=os.path.join(ROOT, "build", "unprotected"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1)
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args()
    unknown = [case for case in options.cases if case not in CASES]
    if unknown:
        parser.error(f"no such case: {', '.join(unknown)}")
    options.peers = [name for name in options.peers.split(",") if name]
    if set(options.peers) - set(PEERS):
        parser.error(f"peers are {', '.join(PEERS)}")
    if not 1 <= options.rounds <= 50 or not 0 < options.seconds <= 60:
        parser.error("1 to 50 rounds of at most 60 seconds")
    if options.write and (options.cases or options.peers != list(PEERS)):
        parser.error("--write takes all cases and peers, so that the page is of one run")
    return options


def run_cases(options, ledger):
    """The tables of all cases, and why a case has none, by name."""
    tables, failed = [], {}
    for case in options.cases or CASES:
        try:
            made = CASES[case](options, ledger)
            print("\n" + "\n\n".join(made) + "\n", flush=True)
        except FAULTS as error:
            # The other cases are worth their figures all the same.
            failed[case] = str(error)
            made = [f"### {case}\n\nNot measured: {str(error).splitlines()[0]}"]
            print(f"run.py: {case}: {error}", file=sys.stderr, flush=True)
        tables += made
    return tables, failed


def main():
    options = read_options()
    ledger = promises.Ledger()
    here, options.missing = peers.prepared(options.peers)
    options.servers = ["tidegate", *here]
    beside = [*filter(None, here.values()),
              *(f"{name} is left out: {reason}" for name, reason in options.missing.items())]
    start = (machine(beside) + f" Medians of {options.rounds} interleaved rounds, "
             "where no other number is told above.")
    tables, failed = run_cases(options, ledger)
    promised = ("### What has to hold\n\n"
                + figures.table(["measure", "figure", "wanted", "kept"], ledger.rows())
                + "\n\n" + ledger.summary())
    print(f"{start}\n\n{promised}\n")
    if options.write:
        write_page("\n\n".join([start, promised, *tables]))
    print(json.dumps({"figure": "must_show", "left_out": options.missing, "failed": failed,
                      "promises": ledger.judged()}))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
