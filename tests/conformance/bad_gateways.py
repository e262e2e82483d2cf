# SPDX-License-Identifier: MIT
"""tidegate check finds every fault of every folder of bad_gateways/, no more and no fewer, with the
right file and line, and a hint where one helps: in the lines for humans, and in the object for
machines. bad_gateway_corpus.py says what a case is."""
import asyncio
import ctypes
import json
import os
import re
import tempfile

from bad_gateway_corpus import cases
from server import IS_SANITIZED, run_once
from stage import Failed, check, equal

ONE_WORKER = "no server is started"
DEADLINE = 110
LEAST = 100
AT_ONCE = 2
SETTINGS = 'limits = { load_budget = "%s", script_memory = "8MiB" }\n'
# LuaJIT shows 60 octets of a file's name: the faults name all of it.
LONG = "a-folder-with-a-name-of-more-than-sixty-octets-which-is-no-rarity"
PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2
PLAIN_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f]+")


def give_up_reading_everything():
    """Root may read what nobody may; the programs that root starts from here on may not."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None, use_errno=True)
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            check(libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0, "a capability is dropped")


def match(case, told, fits, show):
    """Pairs what was told with what is expected, one to one."""
    missing = list(case.faults)
    if case.more:
        (fault,) = case.faults
        missing *= len(told)
        check(told and all(fits(fault, one) for one in told), f"{case.name}: {show}")
    for one in told:
        found = next((fault for fault in missing if fits(fault, one)), None)
        if not found:
            raise Failed(f"{case.name}: nobody expects {one!r} in\n{show}")
        missing.remove(found)
    check(not missing, f"{case.name}: {missing} is missing in\n{show}")


def judge_json(case, folder, text):
    folders = json.loads(text)["folders"]
    for one in folders:
        equal(set(one), {"folder", "name", "generation", "ok", "left_out", "faults"}, case.name)
        equal(one["ok"], not one["faults"], f"{case.name}: ok")
        for fault in one["faults"]:
            equal(set(fault), {"step", "file", "line", "message", "hint"}, case.name)
            for word in (fault["file"], fault["message"], fault["hint"] or "-"):
                check(PLAIN_LINE.fullmatch(word), f"{case.name}: {word!r} is one plain line")
    equal(sum(one["left_out"] for one in folders), case.more, f"{case.name}: left out")
    match(case, [fault for one in folders for fault in one["faults"]],
          lambda fault, told: fault.fits(told, folder), text)


def judge_lines(case, folder, text):
    lines = [line for line in text.splitlines() if not line.endswith(": ok")]
    if case.more:
        equal(lines.pop(), f"{folder}: {case.more} more", case.name)

    def fits(fault, line):
        start = fault.line_text(folder)
        return (line.startswith(start) and fault.message in line[len(start):] and
                (not fault.hint or (line.endswith(")") and fault.hint in line)))

    match(case, lines, fits, text)


# Under the sanitizers a run takes long, and one form shows as much of the memory as both.
FORMS = ((["--json"], judge_json), ([], judge_lines))[: 1 if IS_SANITIZED else 2]


async def judge(case, settings):
    with tempfile.TemporaryDirectory() as root:
        folder = os.path.join(root, LONG, case.folder)
        case.lay(folder)
        try:
            for arguments, judge_text in FORMS:
                code, told, errors = await run_once(
                    ["check", "--config", settings, *arguments, folder], within=60)
                check(code == 1 and not errors, f"{case.name}: {code} {errors} {told}")
                judge_text(case, folder, told)
        finally:
            case.unlock(folder)


async def play(stage):
    give_up_reading_everything()
    corpus = cases()
    check(len(corpus) >= LEAST, f"the corpus has {LEAST} folders at least")
    check(all(case.what and case.faults for case in corpus), "each says what it is, and its faults")
    turns, failures = asyncio.Semaphore(AT_ONCE), []

    async def one(case, settings):
        async with turns:
            try:
                await judge(case, settings)
            except Failed as failed:
                failures.append(str(failed))

    with tempfile.NamedTemporaryFile("w", suffix=".lua") as settings:
        settings.write(SETTINGS % ("500ms" if IS_SANITIZED else "200ms"))
        settings.flush()
        await asyncio.gather(*(one(case, settings.name) for case in corpus))
    check(not failures, "\n".join(failures))
    stage.tell("folders", len(corpus))
