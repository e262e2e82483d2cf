#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measures Tidegate beside its peers and prints tables and one line of JSON for each figure.

usage: run.py [CASE ...] [--build DIR] [--unprotected DIR] [--rounds N] [--seconds S] [--write]

Cases: echo, broadcast, open, handshake, idle, instructions; all of them when none is named. Servers
run on core 0, the generator on core 1, and take turns in each round, so that what disturbs the
machine disturbs all. The instructions are counted a second time in a build without the budgets of
scripts (TG_UNPROTECTED); what these cost more than they may is an error. --write puts the tables
into docs/benchmarks.md."""
import argparse
import contextlib
import datetime
import glob
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

import figures
import servers
import tokens
from servers import BenchError, ROOT

SERVER_CORE, GENERATOR_CORE = 0, 1
WORTH_REPEATING, TRIES = 0.08, 2  # foreign share of a core above which a run is repeated
WORTH_KEEPING = 0.25  # median foreign share above which a figure doesn't go into the page
SUBSCRIBERS, WINDOW, BROADCAST_OCTETS = 1000, 8, 135
IDLE_CONNECTIONS = 5000
HANDSHAKE_ROUNDS = 11  # at least: what is compared differs by little
PROTECTION_SHARE = 0.03  # what the budgets of scripts may add to the instructions of a message
CALLGRIND_COUNTS, CALLGRIND_BROADCASTS, CALLGRIND_TRIES = (4000, 24000), (40, 240), 3
LATENCIES = ["p50_us", "p99_us"]


def busy_s(core):
    """Seconds that a core wasn't idle since boot; what the hypervisor took counts as busy."""
    with open("/proc/stat", encoding="ascii") as stat:
        for line in stat:
            name, *fields = line.split()
            if name == f"cpu{core}":
                ticks = [int(field) for field in fields[:8]]
                return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
    raise BenchError(f"there is no core {core}")


def wsload_once(build, server, load, arguments):
    """One run of the generator. Its result, with `foreign`: the larger share of either core that
    went to other processes."""
    pids = ",".join(map(str, server.pids()))
    command = ["taskset", "-c", str(GENERATOR_CORE), os.path.join(build, "wsload"), load,
               "--port", str(server.port), "--path", server.path, "--pids", pids,
               *map(str, arguments)]
    start, server_start = time.monotonic(), server.cpu_s()
    busy = [busy_s(core) for core in (SERVER_CORE, GENERATOR_CORE)]
    before = os.times()
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    after = os.times()
    if done.returncode != 0:
        raise BenchError(f"{server.name}: {done.stderr.strip()}\n{server.log_text()[-2000:]}")
    wall = time.monotonic() - start
    own = [server.cpu_s() - server_start,
           after.children_user + after.children_system
           - before.children_user - before.children_system]
    result = json.loads(done.stdout)
    result["foreign"] = max(
        figures.foreign_share(busy_s(core) - core_busy, core_own, wall)
        for core, core_busy, core_own in zip((SERVER_CORE, GENERATOR_CORE), busy, own))
    return result


def wsload(build, server, load, arguments):
    """A run, repeated while the machine is busy with something else; the quietest one."""
    quietest = None
    for _ in range(TRIES):
        result = wsload_once(build, server, load, arguments)
        if quietest is None or result["foreign"] < quietest["foreign"]:
            quietest = result
        if quietest["foreign"] <= WORTH_REPEATING:
            break
    return quietest


def start(options, name):
    """A server of that name, to be entered."""
    if name == "tidegate":
        return servers.tidegate(options.build, SERVER_CORE)
    if name == "ws":
        return servers.ws(SERVER_CORE)
    return servers.bare(options.build, SERVER_CORE)


def rounds_of(options, load, arguments, names=("tidegate", "ws", "bare")):
    """The results of interleaved rounds by server name; one round before is thrown away, since it
    finds V8 and the allocators cold."""
    results = {name: [] for name in names}
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(start(options, name)) for name in names]
        for number in range(options.rounds + 1):
            for server in running:
                result = wsload(options.build, server, load, arguments)
                if number > 0:
                    results[server.name].append(result)
    return results


def emit(figure, name, values):
    """One figure, as a line of JSON."""
    rounded = {key: round(value, 4) if isinstance(value, float) else value
               for key, value in values.items()}
    print(json.dumps({"figure": figure, "server": name, **rounded}), flush=True)


def summarize(figure, results, keys):
    """Medians by server, and each server's ratio to ws; printed as JSON and given as rows."""
    rows = []
    for name, rounds in results.items():
        values = {key: figures.median_of(rounds, key) for key in keys}
        values["ratio_to_ws"] = figures.ratio_to(rounds, results["ws"], keys[0])
        values["spread"] = figures.spread_of(rounds, keys[0])
        values["foreign"] = figures.median_of(rounds, "foreign")
        if "cpu_us_per" in keys:
            values["cpu_ratio_to_ws"] = figures.ratio_to(rounds, results["ws"], "cpu_us_per")
        emit(figure, name, {**values, "rounds": len(rounds)})
        rows.append([name, *(values[key] for key in keys), f"{values['ratio_to_ws']:.2f}",
                     f"±{values['spread']:.0%}", f"{values['foreign']:.0%}"])
    return rows


def check_noise(options, figure, results):
    """Rates of a busy machine may be looked at, but don't go into the page."""
    noisiest = max(figures.median_of(rounds, "foreign") for rounds in results.values())
    if noisiest > WORTH_KEEPING:
        text = f"{figure}: other work had {noisiest:.0%} of a core"
        if options.write:
            raise BenchError(text + "; the page was not written")
        print(f"run.py: {text}; only the ratios of CPU time mean something", file=sys.stderr)


def rate_table(options, title, figure, results, unit, per):
    check_noise(options, figure, results)
    rows = summarize(figure, results, ["rate", *LATENCIES, "cpu_us_per"])
    columns = ["server", unit, "p50 µs", "p99 µs", f"CPU µs/{per}", "ratio to ws", "spread",
               "foreign CPU"]
    return f"### {title}\n\n" + figures.table(columns, rows)


def case_echo(options):
    parts = []
    for depth in (1, 16):
        results = rounds_of(options, "echo", ["--connections", 100, "--depth", depth,
                                              "--seconds", options.seconds])
        parts.append(rate_table(options, f"JSON echo, 100 connections, depth {depth}, 55 octets",
                                f"echo_depth_{depth}", results, "msg/s", "msg"))
    return parts


def case_broadcast(options):
    results = rounds_of(options, "broadcast",
                        ["--connections", SUBSCRIBERS, "--window", WINDOW, "--payload",
                         BROADCAST_OCTETS, "--event", "publish", "--seconds", options.seconds])
    title = (f"Broadcast to {SUBSCRIBERS:,} subscribers, {WINDOW} in flight, "
             f"{BROADCAST_OCTETS} octets")
    return [rate_table(options, title, "broadcast", results, "deliveries/s", "delivery")]


def case_open(options):
    results = rounds_of(options, "open", ["--connections", 1000000, "--at-once", 100,
                                          "--seconds", options.seconds])
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
        for _ in range(max(options.rounds, HANDSHAKE_ROUNDS)):
            bare = handshakes_once(options, config, None, tokens.COUNTS["HS256"])
            results["no token"].append(bare[0])
            for name, path in files.items():
                first, again = handshakes_once(options, config, path, tokens.COUNTS[name])
                results.setdefault(f"{name}, first time", []).append(first)
                results.setdefault(f"{name}, again", []).append(again)
    return results


def case_handshake(options):
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


def case_idle(options):
    results = {name: [] for name in ("tidegate", "ws", "bare")}
    for _ in range(options.rounds):
        for name, rounds in results.items():
            # A new server each time: memory that a former round gave back would hide the growth.
            with start(options, name) as server:
                result = wsload_once(options.build, server, "idle",
                                     ["--connections", IDLE_CONNECTIONS, "--seconds", 2])
            result["bytes_per_connection"] = figures.growth_per_connection(result)
            result["total_mib"] = figures.total_rss(result) / (1 << 20)
            rounds.append(result)
    rows = summarize("idle", results,
                     ["bytes_per_connection", "total_mib", "cpu_ms_per_second"])
    columns = ["server", "octets/connection", "total MiB", "CPU ms/s", "ratio to ws", "spread"]
    return [f"### Resident memory, {IDLE_CONNECTIONS:,} idle connections\n\n"
            + figures.table(columns, [row[:-1] for row in rows])]


def worker_instructions(options, build, load, arguments):
    """User-space instructions of the worker from its start to its end."""
    with tempfile.TemporaryDirectory() as directory:
        wrapper = ["valgrind", "--tool=callgrind", "--trace-children=yes",
                   f"--callgrind-out-file={directory}/callgrind.out.%p"]
        with servers.tidegate(build, wrapper=wrapper, start_s=120) as server:
            workers = server.worker_pids()
            if len(workers) != 1:
                raise BenchError(f"one worker expected, found {workers}")
            wsload_once(options.build, server, load, ["--at-once", 4, "--seconds", 200, *arguments])
        files = glob.glob(f"{directory}/callgrind.out.{workers[0]}*")
        if not files:
            raise BenchError("the worker left no callgrind.out file")
        total = 0
        for path in files:
            with open(path, encoding="utf-8", errors="replace") as file:
                total += figures.callgrind_total(file.read())
        return total


def message_slope(options, build, load, arguments, counts):
    few, many = counts
    cost = {count: worker_instructions(options, build, load, [*arguments, "--messages", count])
            for count in counts}
    return figures.slope(few, cost[few], many, cost[many])


def message_instructions(options, build, load, arguments, counts=CALLGRIND_COUNTS):
    """How many messages share a read is up to the moment: the median of several slopes."""
    return statistics.median(message_slope(options, build, load, arguments, counts)
                             for _ in range(CALLGRIND_TRIES))


def echo_instructions(options):
    """Rows of the JSON echo and of the relay of undecoded data."""
    rows = []
    for name, extra in (("JSON echo, depth 1", ["--depth", 1]),
                        ("JSON echo, depth 16", ["--depth", 16]),
                        ("relay of raw data, depth 16", ["--depth", 16, "--event", "relay",
                                                         "--quoted"])):
        arguments = ["--connections", 100, *extra]
        ours = message_instructions(options, options.build, "echo", arguments)
        bare = message_instructions(options, options.unprotected, "echo", arguments)
        share = figures.share_of(ours, bare)
        emit("instructions", "tidegate", {"what": name, "per_message": ours,
                                          "per_message_unprotected": bare, "protection": share})
        # A relay does so little else that the same few instructions are a larger share.
        if share > PROTECTION_SHARE and not name.startswith("relay"):
            raise BenchError(f"budgets cost {share:.1%} of the instructions, at most "
                             f"{PROTECTION_SHARE:.0%} are wanted")
        rows.append([name, ours, bare, f"{share:.2%}"])
    return rows


def delivery_instructions(options):
    """The row of a broadcast's delivery to one subscriber, the publishing shared by all."""
    arguments = ["--connections", SUBSCRIBERS, "--window", WINDOW, "--payload", BROADCAST_OCTETS,
                 "--event", "publish"]
    ours = message_instructions(options, options.build, "broadcast", arguments,
                                CALLGRIND_BROADCASTS) / SUBSCRIBERS
    name = f"broadcast, a delivery of {WINDOW} in flight"
    emit("instructions", "tidegate", {"what": name, "per_message": ours})
    return [name, ours, "", ""]


def case_instructions(options):
    for path in (options.build, options.unprotected):
        if not os.path.exists(os.path.join(path, "tidegate")):
            raise BenchError(f"no tidegate in {path}: ./dev bench builds both")
    rows = [*echo_instructions(options), delivery_instructions(options)]
    return ["### User-space instructions per message\n\n"
            + figures.table(["100 connections, 55 octets", "instructions/msg",
                             "without budgets of scripts", "more"], rows)]


CASES = {"echo": case_echo, "broadcast": case_broadcast, "open": case_open,
         "handshake": case_handshake, "idle": case_idle, "instructions": case_instructions}


def machine():
    """Where and when this was measured, in one sentence."""
    lscpu = json.loads(subprocess.run(["lscpu", "--json"], capture_output=True, text=True,
                                      check=True, env={**os.environ, "LC_ALL": "C"}).stdout)
    fields = {}
    pending = list(lscpu["lscpu"])
    for entry in pending:
        fields[entry["field"].rstrip(":")] = entry["data"]
        pending += entry.get("children", [])
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    peer = subprocess.run(
        ["node", "-p", "require('ws/package.json').version"], capture_output=True, text=True,
        check=True, env={**os.environ,
                         "NODE_PATH": os.environ.get("NODE_PATH") or "/usr/share/nodejs"})
    today = datetime.date.today().isoformat()
    kernel = platform.release().split("-")[0]
    return (f"{fields['Model name']}, {fields['CPU(s)']} cores, Linux {kernel}, "
            f"Node {node.stdout.strip()} with ws {peer.stdout.strip()}; {today}.")


def write_page(text):
    path = os.path.join(ROOT, "docs", "benchmarks.md")
    with open(path, encoding="utf-8") as page:
        changed = figures.replace_figures(page.read(), text)
    with open(path, "w", encoding="utf-8") as page:
        page.write(changed)


def read_options():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "release"))
    parser.add_argument("--unprotected", default=os.path.join(ROOT, "build", "unprotected"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args()
    unknown = [case for case in options.cases if case not in CASES]
    if unknown:
        parser.error(f"no such case: {', '.join(unknown)}")
    if not 1 <= options.rounds <= 50 or not 0 < options.seconds <= 60:
        parser.error("1 to 50 rounds of at most 60 seconds")
    if options.write and options.cases:
        parser.error("--write takes all cases, so that the page is of one run")
    return options


def main():
    options = read_options()
    parts = [machine() + f" Medians of {options.rounds} interleaved rounds."]
    try:
        for case in options.cases or CASES:
            part = CASES[case](options)
            print("\n" + "\n\n".join(part) + "\n", flush=True)
            parts += part
    except BenchError as error:
        print(f"run.py: {error}", file=sys.stderr)
        return 1
    print(parts[0])
    if options.write:
        write_page("\n\n".join(parts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
