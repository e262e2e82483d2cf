# SPDX-License-Identifier: MIT
"""Runs of the generator against servers, in rounds that take turns, and the tables made of them.

Servers have core 0 and the generator has core 1, so that what disturbs the machine disturbs all."""
import contextlib
import json
import os
import subprocess
import sys
import time

import figures
import servers
from servers import BenchError

SERVER_CORE, GENERATOR_CORE = 0, 1
WORTH_REPEATING, TRIES = 0.08, 2  # foreign share of a core above which a run is repeated
WORTH_KEEPING = 0.25  # median foreign share above which a figure doesn't go into the page
LATENCIES = ["p50_us", "p99_us"]
COMPARED = ("nginx-lua", "ws", "bare")  # ratios are to these, as far as they were measured
WARM_UP_S = 0.3
SUBSCRIBERS, WINDOW, BROADCAST_OCTETS = 1000, 8, 135
RUN_S = 300  # that a run of the generator may take


def busy_s(core):
    """Seconds that a core wasn't idle since boot; what the hypervisor took counts as busy."""
    with open("/proc/stat", encoding="ascii") as stat:
        for line in stat:
            name, *fields = line.split()
            if name == f"cpu{core}":
                ticks = [int(field) for field in fields[:8]]
                return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
    raise BenchError(f"there is no core {core}")


def both_busy_s():
    return [busy_s(core) for core in (SERVER_CORE, GENERATOR_CORE)]


def wsload_once(build, server, load, arguments):
    """One run of the generator. Its result, with `foreign`: the larger share of either core that
    went to other processes. A server that isn't pinned shares both cores with the generator, which
    comes first where that is permitted: of three that run on two cores it would get two thirds of
    one, and the servers would wait for it."""
    pids = ",".join(map(str, server.pids()))
    is_pinned = server.core is not None
    place = ["taskset", "-c", str(GENERATOR_CORE)] if is_pinned else ["nice", "-n", "-15"]
    command = [*place, os.path.join(build, "wsload"), load,
               "--port", str(server.port), "--path", server.path, "--pids", pids,
               *map(str, arguments)]
    start, server_start, busy = time.monotonic(), server.cpu_s(), both_busy_s()
    before = os.times()
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"{server.name}: {error}\n{server.log_text()[-2000:]}") from None
    after = os.times()
    if done.returncode != 0:
        raise BenchError(f"{server.name}: {done.stderr.strip()}\n{server.log_text()[-2000:]}")
    wall = time.monotonic() - start
    own = [server.cpu_s() - server_start,
           after.children_user + after.children_system
           - before.children_user - before.children_system]
    spent = [now - then for now, then in zip(both_busy_s(), busy)]
    if not is_pinned:
        spent, own = [sum(spent) / 2], [sum(own) / 2]
    result = json.loads(done.stdout)
    result["foreign"] = max(figures.foreign_share(all_of_it, ours, wall)
                            for all_of_it, ours in zip(spent, own))
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


def timed(options, *arguments, share=1):
    """share: of the seconds that were asked for."""
    return [*arguments, "--seconds", options.seconds * share, "--warm-up", WARM_UP_S]


def start(options, name, path=None):
    """A server of that name, to be entered. path: another than its own for messages in JSON."""
    if name == "tidegate":
        return servers.tidegate(options.build, SERVER_CORE, path=path or "/bench")
    if name == "ws":
        return servers.ws(SERVER_CORE, path or "/")
    return {"bare": lambda: servers.bare(options.build, SERVER_CORE),
            "nginx-lua": lambda: servers.nginx_lua(SERVER_CORE),
            "gorilla": lambda: servers.gorilla(SERVER_CORE)}[name]()


def rounds_of(options, load, arguments, starters, rounds=None):
    """The results of interleaved rounds by name. starters: what makes each server. One round before
    is thrown away, since it finds V8 and the allocators cold."""
    results = {name: [] for name in starters}
    with contextlib.ExitStack() as stack:
        running = {name: stack.enter_context(make()) for name, make in starters.items()}
        for number in range((rounds or options.rounds) + 1):
            for name, server in running.items():
                result = wsload(options.build, server, load, arguments)
                if number > 0:
                    results[name].append(result)
    return results


def at_least(options, rounds):
    """So many rounds where fewer were asked for, but for one, which asks for a glance."""
    return max(options.rounds, rounds) if options.rounds > 1 else 1


def starters(options, names, path=None):
    """For rounds_of: those of these servers that can be had here."""
    return {name: lambda name=name: start(options, name, path)
            for name in names if name in options.servers}


def emit(figure, name, values):
    """One figure, as a line of JSON."""
    rounded = {key: round(value, 4) if isinstance(value, float) else value
               for key, value in values.items()}
    print(json.dumps({"figure": figure, "server": name, **rounded}), flush=True)


def ratios_of(rounds, results, key):
    """The ratio to each server that is compared with, by name."""
    return {peer: figures.ratio_to(rounds, results[peer], key)
            for peer in COMPARED if peer in results}


def summarize(figure, results, keys):
    """Medians by server, and each server's ratios to its peers; printed as JSON and given as
    rows."""
    rows = []
    for name, rounds in results.items():
        values = {key: figures.median_of(rounds, key) for key in keys}
        ratios = ratios_of(rounds, results, keys[0])
        spread = figures.spread_of(rounds, keys[0])
        foreign = figures.median_of(rounds, "foreign")
        cpu_ratios = ratios_of(rounds, results, "cpu_us_per") if "cpu_us_per" in keys else {}
        named = {f"ratio_to_{peer}": ratio for peer, ratio in ratios.items()}
        named.update({f"cpu_ratio_to_{peer}": ratio for peer, ratio in cpu_ratios.items()})
        emit(figure, name, {**values, **named,
                            "spread": spread, "foreign": foreign, "rounds": len(rounds)})
        rows.append([name, *(values[key] for key in keys),
                     *(f"{ratio:.2f}" for ratio in ratios.values()), f"±{spread:.0%}",
                     f"{foreign:.0%}"])
    return rows


def ratio_columns(results):
    return [f"to {peer}" for peer in COMPARED if peer in results]


def check_noise(options, figure, results):
    """Rates of a busy machine may be looked at, but don't go into the page."""
    noisiest = max(figures.median_of(rounds, "foreign") for rounds in results.values())
    if noisiest > WORTH_KEEPING:
        text = f"{figure}: other work had {noisiest:.0%} of a core"
        if options.write:
            raise BenchError(text + ", which is too much for the page")
        print(f"run.py: {text}; only the ratios of CPU time mean something", file=sys.stderr)


def rate_table(options, title, figure, results, unit, per):
    check_noise(options, figure, results)
    rows = summarize(figure, results, ["rate", *LATENCIES, "cpu_us_per"])
    columns = ["server", unit, "p50 µs", "p99 µs", f"CPU µs/{per}", *ratio_columns(results),
               "spread", "foreign CPU"]
    return f"### {title}\n\n" + figures.table(columns, rows)
