# SPDX-License-Identifier: MIT
"""The load generator against a server that is right, and against some that are not.

usage: test_wsload.py BUILD_DIRECTORY"""
import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import servers
import tokens

BUILD = "."
RESPONSE = (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n")


def wsload(*arguments):
    return subprocess.run([f"{BUILD}/wsload", *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, check=False)


class AgainstBare(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = servers.bare(BUILD).__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def result_of(self, load, *arguments):
        pids = ",".join(map(str, self.server.pids()))
        done = wsload(load, "--port", self.server.port, "--pids", pids, "--seconds", 0.3,
                      "--warm-up", 0.1, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        result = json.loads(done.stdout)
        self.assertEqual(result["load"], load)
        return result

    def check_window(self, result):
        self.assertGreater(result["count"], 100)
        self.assertAlmostEqual(result["rate"], result["count"] / result["seconds"],
                               delta=result["rate"] / 50)
        self.assertGreater(result["cpu_us_per"], 0)
        self.assertLessEqual(0 < result["p50_us"], result["p99_us"])
        self.assertLessEqual(result["p99_us"], result["max_us"])

    def test_echo(self):
        for depth in (1, 16):
            result = self.result_of("echo", "--connections", 20, "--depth", depth)
            self.check_window(result)
            self.assertEqual((result["connections"], result["depth"]), (20, depth))

    def test_echo_of_a_count(self):
        result = self.result_of("echo", "--connections", 7, "--depth", 3, "--messages", 1000,
                                "--seconds", 20)
        self.assertEqual(result["count"], 1000)

    def test_fewer_messages_than_connections(self):
        self.assertEqual(self.result_of("echo", "--connections", 20, "--messages", 3)["count"], 3)

    def test_broadcast(self):
        result = self.result_of("broadcast", "--connections", 50, "--window", 8, "--event",
                                "publish", "--payload", 135)
        self.check_window(result)
        self.assertEqual(result["subscribers"], 50)

    def test_numbered(self):
        pids = ",".join(map(str, self.server.pids()))
        done = wsload("numbered", "--port", self.server.port, "--connections", 40, "--pace", 100,
                      "--seconds", 0.5, "--warm-up", 0.2, "--pids", pids)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        first, result = map(json.loads, done.stdout.splitlines())
        self.assertEqual(first, {"load": "numbered", "is_measuring": True})
        self.assertAlmostEqual(result["sent"], 40 * 100 * 0.7, delta=400)
        self.assertGreater(result["longest_us"], 0)
        self.assertGreater(result["baseline_longest_us"], 0)
        self.assertLessEqual(result["longest_of_half_us"], result["longest_us"])
        self.assertLessEqual(0 < result["longest_own_us"], result["longest_us"])
        self.assertGreater(result["cpu_us_per"], 0)

    def test_numbered_ends_at_a_signal(self):
        load = subprocess.Popen([f"{BUILD}/wsload", "numbered", "--port", str(self.server.port),
                                 "--connections", "2", "--seconds", "60", "--warm-up", "0"],
                                stdout=subprocess.PIPE, text=True)
        with load:
            self.assertIn("is_measuring", load.stdout.readline())
            time.sleep(0.3)
            load.send_signal(signal.SIGTERM)
            result = json.loads(load.stdout.readline())
        self.assertEqual(load.returncode, 0)
        self.assertLess(result["seconds"], 30)

    def test_broadcasts_by_the_clock(self):
        result = self.result_of("broadcast", "--connections", 5, "--window", 100, "--event",
                                "publish", "--pace", 100, "--messages", 30, "--seconds", 20)
        self.assertEqual(result["count"], 150)
        self.assertGreaterEqual(result["seconds"], 0.29)
        self.assertGreaterEqual(result["all_p50_us"], result["p50_us"])

    def test_who_never_reads_is_waited_for_by_nobody(self):
        result = self.result_of("broadcast", "--connections", 10, "--slow", 4, "--window", 8,
                                "--event", "publish", "--payload", 1024, "--messages", 2000,
                                "--seconds", 20)
        self.assertEqual((result["subscribers"], result["count"]), (6, 12000))

    def test_open(self):
        self.check_window(self.result_of("open", "--connections", 100000, "--at-once", 20))

    def test_open_ends_with_the_count(self):
        result = self.result_of("open", "--connections", 150, "--seconds", 20)
        self.assertEqual(result["count"], 150)

    def test_idle(self):
        result = self.result_of("idle", "--connections", 200)
        self.assertEqual(result["connections"], 200)
        self.assertEqual([server["pid"] for server in result["servers"]], self.server.pids())
        self.assertGreater(result["servers"][0]["rss_before"], 0)

    def test_an_event_that_nobody_sends_is_a_wrong_answer(self):
        done = wsload("echo", "--port", self.server.port, "--answer-event", "other")
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("a wrong answer", done.stderr)

    def test_a_subscription_that_is_not_confirmed_is_a_fault(self):
        done = wsload("broadcast", "--port", self.server.port, "--event", "publish",
                      "--joined-event", "welcome")
        self.assertEqual(done.returncode, 1)
        self.assertIn("not the answer to a join", done.stderr)


class ScriptedServer:
    """A server for one connection whose answers come from `answer(number, payload)`: octets to
    send, or None to end the connection. A close frame it answers as it should."""

    def __init__(self, answer):
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(30)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self.head = []

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, value, trace):
        self._thread.join(30)
        self._listener.close()

    def _serve(self):
        conn, _ = self._listener.accept()
        conn.settimeout(30)
        with conn, conn.makefile("rb") as stream:
            while (line := stream.readline()) != b"\r\n":
                self.head.append(line)
            conn.sendall(RESPONSE)
            number = 0
            while len(head := stream.read(6)) == 6:
                payload = bytes(octet ^ head[2 + i % 4]
                                for i, octet in enumerate(stream.read(head[1] & 127)))
                if head[0] & 15 == 8:
                    conn.sendall(frame(payload, 0x88))
                    return
                answer = self._answer(number, payload)
                if answer is None:
                    return
                try:
                    conn.sendall(answer)
                except OSError:
                    return
                number += 1


def frame(payload, first=0x81):
    return bytes([first, len(payload)]) + payload


class AgainstWrongServers(unittest.TestCase):
    def check_is_caught(self, answer, complaint, *arguments):
        with ScriptedServer(answer) as server:
            done = wsload("echo", "--port", server.port, "--connections", 1, "--seconds", 0.3,
                          "--warm-up", 0, *arguments)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn(complaint, done.stderr)

    def test_the_scripted_server_can_be_right(self):
        with ScriptedServer(lambda _, payload: frame(payload)) as server:
            done = wsload("echo", "--port", server.port, "--connections", 1, "--messages", 500)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_token_is_sent_as_it_stands_in_its_file(self):
        with tempfile.NamedTemporaryFile("w") as file:
            file.write("a.b.c\n")
            file.flush()
            with ScriptedServer(lambda _, payload: frame(payload)) as server:
                done = wsload("open", "--port", server.port, "--connections", 1, "--tokens",
                              file.name)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn(b"Authorization: Bearer a.b.c\r\n", server.head)

    def test_another_id(self):
        self.check_is_caught(lambda _, payload: frame(payload.replace(b":1000", b":2000")),
                             "message 0: a wrong answer")

    def test_an_answer_given_twice(self):
        self.check_is_caught(lambda _, payload: frame(payload) * 2, "a wrong answer")

    def test_answers_in_another_order(self):
        held = []

        def swap(number, payload):
            held.append(frame(payload))
            return b"" if number % 2 == 0 else held[-1] + held[-2]
        self.check_is_caught(swap, "message 0: a wrong answer", "--depth", 2)

    def test_an_answer_that_never_comes(self):
        self.check_is_caught(lambda number, payload: b"" if number == 5 else frame(payload),
                             "stalled")

    def test_another_text_in_the_257th_answer(self):
        self.check_is_caught(
            lambda number, payload: frame(payload.replace(b"abc", b"abd")
                                          if number == 256 else payload),
            "message 256: a wrong answer")

    def test_a_binary_answer(self):
        self.check_is_caught(lambda _, payload: frame(payload, 0x82), "opcode 2")

    def test_a_connection_that_ends(self):
        self.check_is_caught(lambda number, payload: None if number == 3 else frame(payload),
                             "without a close frame")


class NumberedAgainstWrongServers(unittest.TestCase):
    def numbered(self, answer):
        with ScriptedServer(answer) as server:
            return wsload("numbered", "--port", server.port, "--connections", 1, "--pace", 100,
                          "--seconds", 0.3, "--warm-up", 0)

    def check_is_caught(self, answer, complaint):
        done = self.numbered(answer)
        self.assertEqual(done.returncode, 1)
        self.assertNotIn("sent", done.stdout)
        self.assertIn(complaint, done.stderr)

    def test_a_message_without_an_answer(self):
        self.check_is_caught(lambda number, payload: b"" if number == 7 else frame(payload),
                             "1 lost, 0 doubled, 0 reordered")

    def test_an_answer_given_twice(self):
        self.check_is_caught(lambda number, payload: frame(payload) * (1 + (number == 7)),
                             "0 lost, 1 doubled, 0 reordered")

    def test_answers_in_another_order(self):
        held = []

        def swap(number, payload):
            held.append(frame(payload))
            return b"" if number == 6 else held[7] + held[6] if number == 7 else held[-1]
        self.check_is_caught(swap, "0 lost, 0 doubled, 1 reordered")

    def test_a_connection_that_ends(self):
        self.check_is_caught(lambda number, payload: None if number == 5 else frame(payload),
                             "without a close frame")

    def test_a_connection_that_is_closed(self):
        self.check_is_caught(lambda number, payload: (frame(b"\x03\xf4", 0x88) if number == 5
                                                      else frame(payload)),
                             "closed by the server with 1012")

    def test_an_answer_to_what_was_not_asked(self):
        self.check_is_caught(lambda _, payload: frame(payload.replace(b":1000", b":2000")),
                             "no answer to anything")

    def test_another_text(self):
        self.check_is_caught(lambda number, payload: frame(payload.replace(b"abc", b"abd")
                                                           if number == 9 else payload),
                             "no answer to anything")

    def test_a_pause_is_measured_from_when_messages_were_due(self):
        def stand_still(number, payload):
            time.sleep(0.12 if number == 10 else 0)
            return frame(payload)
        done = self.numbered(stand_still)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        result = json.loads(done.stdout.splitlines()[1])
        self.assertGreater(result["longest_us"], 120_000)
        # A server that sleeps has nobody else to blame.
        self.assertGreater(result["longest_own_us"], 50_000)
        self.assertAlmostEqual(result["longest_at_s"], 0.1, delta=0.08)


class AgainstTidegate(unittest.TestCase):
    def test_the_tokens_that_are_measured_are_good(self):
        keys = tokens.make_keys()
        with tempfile.TemporaryDirectory() as directory:
            with servers.tidegate(BUILD, config=tokens.write_config(directory, keys)) as server:
                for algorithm in tokens.ALGORITHMS:
                    path = tokens.write_tokens(directory, algorithm, keys[algorithm], 20)
                    for _ in range(2):
                        done = wsload("open", "--port", server.port, "--path", server.path,
                                      "--connections", 20, "--tokens", path, "--seconds", 20)
                        self.assertEqual((done.returncode, done.stderr), (0, ""), algorithm)
                        self.assertEqual(json.loads(done.stdout)["count"], 20)


    def test_a_broadcast_reaches_those_with_another_worker(self):
        with servers.tidegate(BUILD, workers=2) as server:
            done = wsload("broadcast", "--port", server.port, "--path", server.path,
                          "--connections", 40, "--elsewhere", "--event", "publish",
                          "--messages", 50,
                          "--seconds", 20)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        result = json.loads(done.stdout)
        self.assertIn(result["subscribers"], range(1, 40))
        self.assertEqual(result["count"], 50 * result["subscribers"])

    def test_with_one_worker_nobody_is_elsewhere(self):
        with servers.tidegate(BUILD) as server:
            done = wsload("broadcast", "--port", server.port, "--path", server.path,
                          "--connections", 4, "--elsewhere", "--event", "publish", "--messages", 5)
        self.assertEqual(done.returncode, 1)
        self.assertIn("all clients are with one worker", done.stderr)


class CommandLines(unittest.TestCase):
    def test_what_makes_no_sense_is_refused(self):
        for arguments in ((), ("echo",), ("echo", "--port", "0"), ("echo", "--port", "65536"),
                          ("walk", "--port", "1"), ("echo", "idle", "--port", "1"),
                          ("echo", "--port", "1", "--depth", "0"),
                          ("echo", "--port", "1", "--seconds", "0"),
                          ("echo", "--port", "1", "--seconds", "nan"),
                          ("numbered", "--port", "1", "--pace", "0"),
                          ("numbered", "--port", "1", "--pace", "10001"),
                          ("echo", "--port", "1", "--connections", "-1"),
                          ("echo", "--port", "1", "--path", "x"),
                          ("echo", "--port", "1", "--pids", "1,"),
                          ("open", "--port", "1", "--tokens", "/nowhere/tokens"),
                          ("broadcast", "--port", "1", "--connections", "4", "--slow", "4"),
                          ("broadcast", "--port", "1", "--slow", "1", "--elsewhere"),
                          ("echo", "--port", "1", "--unknown", "1")):
            done = wsload(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertTrue(re.search("usage: wsload", done.stderr), arguments)

    def test_a_port_where_nobody_listens_is_a_fault(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        self.assertEqual(wsload("echo", "--port", port).returncode, 1)


if __name__ == "__main__":
    BUILD = sys.argv.pop(1)
    unittest.main()
