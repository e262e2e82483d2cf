# SPDX-License-Identifier: MIT
"""The load of numbered messages (tests/bench/load) beside a play: every socket sends at an even
pace; what is lost, doubled, out of order or closed ends it with an error. It is not our server's
code, and in C, so that hundreds of sockets leave the machine to the server.

What other programs do to this machine is not the server's: how long sockets wait is compared with
a baseline of the same run, what processor time went to programs that have nothing to do with the
play is counted, and where that is much, waits count without what workers and generator waited for
a processor. The bound stays what it is."""
import asyncio
import contextlib
import json
import os
import signal

import server as servers
from server import Failed, patient

# No socket may wait longer for an answer, whatever is deployed meanwhile.
PAUSE_MS = 50
# Of the machine's processor time: what others may take and the machine is still ours.
OTHERS_PERCENT = 5
# How often a run is done that says nothing, because others had the machine.
TRIES = 3


def generator():
    return os.environ.get("TIDEGATE_LOAD") or os.path.join(
        os.path.dirname(servers.program()), "wsload")


def ticks_of(pid):
    """Processor time of the process and of its children, those that have ended included."""
    ticks = 0
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            ticks = sum(int(field) for field in file.read().rpartition(")")[2].split()[11:15])
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            ticks += sum(ticks_of(int(child)) for child in file.read().split())
    return ticks


def machine_ticks():
    """(in all, idle) of the machine."""
    with open("/proc/stat", encoding="ascii") as file:
        fields = [int(field) for field in file.readline().split()[1:9]]
    return sum(fields), fields[3] + fields[4]


class Load:
    def __init__(self, process):
        self.process = process
        self.result = None
        self.before = None

    async def line(self, within):
        text = await asyncio.wait_for(self.process.stdout.readline(), patient(within))
        if not text:
            errors = (await self.process.stderr.read()).decode("utf-8", "replace")
            raise Failed("the load ended: " + errors.strip())
        return json.loads(text)

    def begin(self):
        self.before = (*machine_ticks(), ticks_of(os.getpid()))

    def others_percent(self):
        """Of the machine's time since begin, what went to programs outside of this play."""
        total, idle, ours = (now - before for now, before in
                             zip((*machine_ticks(), ticks_of(os.getpid())), self.before))
        return 100 * max(0, total - idle - ours) / max(1, total)

    def is_alive(self):
        if self.process.returncode is not None:
            raise Failed(f"the load ended with {self.process.returncode}")

    async def end(self):
        """Every answer that is owed has come; gives the figures."""
        others = self.others_percent()
        self.process.send_signal(signal.SIGTERM)
        self.result = await self.line(15)
        self.result["others_percent"] = others
        await asyncio.wait_for(self.process.wait(), patient(5))
        return self.result


@contextlib.asynccontextmanager
async def load(server, path, sockets, pace=50, baseline=2, seconds=7200):
    """Runs from the end of its baseline to the end of the block, or until .end()."""
    process = await asyncio.create_subprocess_exec(
        generator(), "numbered", "--port", str(server.port), "--path", path,
        "--connections", str(sockets), "--pace", str(pace), "--warm-up", str(baseline),
        "--seconds", str(seconds), "--pids", ",".join(map(str, server.workers().values())),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        preexec_fn=lambda: servers.before_exec(None))
    made = Load(process)
    try:
        await made.line(60 + baseline)
        made.begin()
        yield made
        if made.result is None:
            await made.end()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def tell(stage, result):
    """The figures of a run, in milliseconds."""
    figures = {name: result[key] / 1000 for name, key in (
        ("longest_pause_ms", "longest_us"), ("without_queues_ms", "longest_own_us"),
        ("baseline_pause_ms", "baseline_longest_us"),
        ("baseline_without_queues_ms", "baseline_longest_own_us"),
        ("generator_late_ms", "own_late_us"))}
    figures["others_percent"] = result["others_percent"]
    stage.tell("messages", result["sent"])
    for name, value in figures.items():
        stage.tell(name, round(value, 1))
    return figures


def is_in_time(stage, result):
    """Whether no socket waited too long. On a machine of our own that is all there is to say; where
    others had it, False means that the run says nothing, unless waits were short without them."""
    figures = tell(stage, result)
    most = PAUSE_MS * (servers.PATIENCE if servers.IS_SANITIZED else 1)
    if figures["longest_pause_ms"] <= most:
        return True
    text = (f"a socket waited too long, {result['longest_at_s']:.1f} s into the run: "
            + " ".join(f"{name}={value:.1f}" for name, value in figures.items()))
    if figures["others_percent"] <= OTHERS_PERCENT:
        raise Failed(text)
    print(text, flush=True)
    return figures["without_queues_ms"] <= most


async def until_in_time(stage, run):
    """run() gives the figures; it is done again where they say nothing."""
    for number in range(1, TRIES + 1):
        if is_in_time(stage, await run(number)):
            stage.tell("tries", number)
            return
    raise Failed(f"sockets waited for more than {PAUSE_MS} ms in {TRIES} runs, in which others had "
                 "the machine")
