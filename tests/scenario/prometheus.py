# SPDX-License-Identifier: MIT
"""A strict reader of the Prometheus text exposition format, version 0.0.4.

Stricter than scrapers are: a family's HELP, TYPE and samples stand together and once, no series
appears twice, counters end in _total, every value is a number, the page ends with a newline.
"""
import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({NAME})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\S+)")
KINDS = {"counter", "gauge", "histogram", "summary", "untyped"}


class Malformed(Exception):
    pass


def parse(text):
    """Returns {family: kind} and {series: value}, a series being name or name{labels}."""
    if not text.endswith("\n"):
        raise Malformed("the last line has no newline")
    kinds, helps, values, done, family = {}, set(), {}, set(), None

    def enter(name):
        nonlocal family
        if name == family:
            return
        if name in done:
            raise Malformed(f"family {name} is not in one piece")
        if family is not None:
            done.add(family)
        family = name

    for number, line in enumerate(text.split("\n")[:-1], 1):
        if line == "":
            continue
        comment = re.fullmatch(rf"# (HELP|TYPE) ({NAME}) (.+)", line)
        if comment:
            what, name, rest = comment.groups()
            enter(name)
            if any(series.split("{")[0] == name for series in values):
                raise Malformed(f"line {number}: {what} comes after samples of {name}")
            if what == "HELP":
                if name in helps or name in kinds:
                    raise Malformed(f"line {number}: HELP of {name} is second or late")
                helps.add(name)
            else:
                if name in kinds or rest not in KINDS:
                    raise Malformed(f"line {number}: TYPE of {name} is second or unknown")
                kinds[name] = rest
            continue
        if line.startswith("#"):
            raise Malformed(f"line {number}: a comment that is neither HELP nor TYPE: {line}")
        sample = SAMPLE.fullmatch(line)
        if not sample:
            raise Malformed(f"line {number}: {line!r}")
        name, labels, value = sample.groups()
        enter(name)
        if name not in kinds or name not in helps:
            raise Malformed(f"line {number}: {name} has no HELP or no TYPE")
        if kinds[name] == "counter" and not name.endswith("_total"):
            raise Malformed(f"line {number}: the counter {name} does not end in _total")
        series = f"{name}{{{labels}}}" if labels else name
        if series in values:
            raise Malformed(f"line {number}: {series} appears twice")
        number_value = float(value)
        if number_value < 0 or number_value != number_value:
            raise Malformed(f"line {number}: {series} is {value}")
        values[series] = number_value
    return kinds, values
