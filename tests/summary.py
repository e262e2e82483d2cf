#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Adds up the results that ctest wrote (JUnit XML, one file per argument) and prints, as the last
line, "N passed, N failed". A test that says itself, by its exit code, that it can't be tried here
is named as skipped. One that did not run for any other reason counts as failed, and so does a file
that is missing, unreadable or empty of tests: it stands for a step that broke."""

import sys
import xml.etree.ElementTree as ElementTree


def skip_reason(case):
    """Why the test skipped itself: its own line that says so. None for one that did not."""
    mark = case.find("skipped")
    if mark is None or not mark.get("message", "").startswith("SKIP_RETURN_CODE="):
        return None
    told = [line for line in (case.findtext("system-out") or "").splitlines() if "SKIPPED" in line]
    return told[-1] if told else "SKIPPED without a reason"


def read(path):
    """The names of the tests that passed, of those that failed, and what the skipped ones said."""
    try:
        cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError) as problem:
        return [], [f"{path}: {problem}"], []
    if not cases:
        return [], [f"{path}: no test ran"], []
    passed, failed, skipped = [], [], []
    for case in cases:
        reason = skip_reason(case)
        if case.get("status") == "run":
            passed.append(case.get("name"))
        elif reason:
            skipped.append(f"{case.get('name')}: {reason}")
        else:
            failed.append(case.get("name"))
    return passed, failed, skipped


def main(paths):
    passed, failed, skipped = [], [], []
    for path in paths:
        some = read(path)
        passed += some[0]
        failed += some[1]
        skipped += some[2]
    for line in skipped:
        print(f"skipped: {line}")
    for name in failed:
        print(f"failed: {name}")
    print(f"{len(passed)} passed, {len(failed)} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
