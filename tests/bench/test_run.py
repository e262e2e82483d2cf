# SPDX-License-Identifier: MIT
"""What becomes of cases that can't be run and of peers that can't be had."""
import argparse
import contextlib
import io
import os
import tempfile
import unittest
from unittest import mock

import instructions
import peers
import promises
import run
from servers import BenchError


@contextlib.contextmanager
def quiet():
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield


class Cases(unittest.TestCase):
    def test_one_that_can_not_be_run_says_why_and_the_others_go_on(self):
        def broken(_options, _ledger):
            raise BenchError("no server\nand a long log")

        def sound(_options, ledger):
            ledger.note("broadcast_to_ws", 8)
            return ["### A table"]

        ledger = promises.Ledger()
        with mock.patch.dict(run.CASES, {"one": broken, "two": sound}, clear=True), quiet():
            tables, failed = run.run_cases(argparse.Namespace(cases=[]), ledger)
        self.assertEqual(tables, ["### one\n\nNot measured: no server", "### A table"])
        self.assertEqual(failed, {"one": "no server\nand a long log"})
        self.assertTrue(ledger.judged()["broadcast_to_ws"]["is_kept"])

    def test_builds_that_are_not_there_are_named(self):
        with tempfile.TemporaryDirectory() as directory:
            options = argparse.Namespace(build=directory, unprotected=directory)
            with self.assertRaisesRegex(BenchError, f"no tidegate in {directory}"):
                instructions.case(options, promises.Ledger())


class Peers(unittest.TestCase):
    def test_one_that_can_not_be_had_is_left_out_by_name(self):
        with mock.patch.object(peers, "CJSON", "/nowhere/cjson.so"), \
             mock.patch.dict(os.environ, {"NODE_PATH": "/nowhere"}), quiet():
            here, missing = peers.prepared(["nginx-lua", "ws", "bare"])
        self.assertEqual(here, {"bare": ""})
        self.assertEqual(missing["nginx-lua"], "lua-cjson is not installed")
        self.assertIn("node -p", missing["ws"])

    def test_what_fails_half_way_leaves_nothing_behind(self):
        with tempfile.TemporaryDirectory() as prefix, mock.patch.object(peers, "PREFIX", prefix), \
             mock.patch.object(peers, "run", side_effect=peers.PeerMissing("no network")):
            with self.assertRaises(peers.PeerMissing):
                peers.unpack("nginx", ["nginx"])
            self.assertEqual(os.listdir(prefix), [])


if __name__ == "__main__":
    unittest.main()
