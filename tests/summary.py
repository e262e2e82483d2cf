#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Adds up the results that ctest wrote (JUnit XML, one file per argument) and prints, as the last
line, "N passed, N failed". A test that did not run, for whatever reason, counts as failed, and so
does a file that is missing, unreadable or empty of tests: it stands for a step that broke."""

import sys
import xml.etree.ElementTree as ElementTree


def read(path):
    """The names of the tests that passed, and of those that failed."""
    try:
        cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    except (OSError, ElementTree.ParseError) as problem:
        return [], [f"{path}: {problem}"]
    if not cases:
        return [], [f"{path}: no test ran"]
    passed = [case.get("name") for case in cases if case.get("status") == "run"]
    failed = [case.get("name") for case in cases if case.get("status") != "run"]
    return passed, failed


def main(paths):
    passed, failed = [], []
    for path in paths:
        some_passed, some_failed = read(path)
        passed += some_passed
        failed += some_failed
    for name in failed:
        print(f"failed: {name}")
    print(f"{len(passed)} passed, {len(failed)} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
