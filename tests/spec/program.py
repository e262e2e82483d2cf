#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""tidegate new and tidegate test as an author uses them: a fresh gateway passes its checks and its
specs, alone and with plain busted; the options of busted go through; several folders run side by
side; --coverage and --watch do what they say; the specs of the shipped gateways pass on a running
server with two workers too."""

import base64
import hashlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455 section 1.3
ROOT = pathlib.Path(__file__).resolve().parents[2]
TIDEGATE = os.environ["TIDEGATE"]
SECRET = "a secret that only these specs know"
PATIENCE = 30 * float(os.environ.get("TIDEGATE_PATIENCE", "1"))


def environment(**more):
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TIDEGATE_")}
    return dict(kept, **more)


def run(*words, cwd=ROOT, status=0, **more):
    """Standard output and errors, together."""
    done = subprocess.run(words, cwd=cwd, env=environment(**more), text=True, timeout=PATIENCE,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)
    if done.returncode != status:
        sys.exit(f"{' '.join(words)} ended with {done.returncode}, not {status}:\n{done.stdout}")
    return done.stdout


def expect(text, *wanted):
    for each in wanted:
        if each not in text:
            sys.exit(f"this has no {each!r}:\n{text}")


def a_new_gateway_passes(folder):
    gateway = folder / "gateways" / "quiz"
    expect(run(TIDEGATE, "new", "quiz", cwd=folder), "wrote gateways/quiz")
    expect(run(TIDEGATE, "check", str(gateway), cwd=folder), "ok")
    expect(run(TIDEGATE, "test", cwd=folder), "3 successes / 0 failures / 0 errors")
    expect(run(TIDEGATE, "test", str(gateway), cwd="/"), "3 successes / 0 failures / 0 errors")
    expect(run(TIDEGATE, "test", cwd=gateway), "3 successes / 0 failures / 0 errors")
    expect(run("/usr/bin/busted", cwd=gateway), "3 successes / 0 failures / 0 errors")
    expect(run(TIDEGATE, "new", "quiz", cwd=folder, status=1), "is there already")
    run("luacheck", "--no-config", "--std", "luajit", str(gateway / "gateway.lua"))


def what_is_missing_is_said(folder):
    expect(run(TIDEGATE, "test", "nowhere", cwd=folder, status=1), "nowhere: no gateway folder")
    bare = folder / "bare"
    bare.mkdir()
    (bare / "gateway.lua").write_text("return { path = '/bare', events = {} }\n")
    expect(run(TIDEGATE, "test", str(bare), cwd=folder, status=1), "bare: no specs")
    expect(run(TIDEGATE, "test", cwd=bare.parent, TIDEGATE_GATEWAYS="gateways"), "3 successes")


def options_go_through(folder):
    quiz = "gateways/quiz"
    text = run(TIDEGATE, "test", quiz, "-o", "TAP", "--filter", "greets", cwd=folder)
    expect(text, "ok 1 - quiz greets by name", "1..1")
    tree = xml.etree.ElementTree.fromstring(run(TIDEGATE, "test", "-o", "junit", quiz, cwd=folder))
    if len(tree.findall(".//testcase")) != 3:
        sys.exit("junit does not name three tests")
    spec = folder / quiz / "spec" / "quiz_spec.lua"
    sound = spec.read_text()
    spec.write_text(sound.replace("hello, Alice", "hello, Bob"))
    expect(run(TIDEGATE, "test", quiz, cwd=folder, status=1), "2 successes / 1 failure")
    spec.write_text(sound)


def folders_run_side_by_side(folder):
    run(TIDEGATE, "new", "other", cwd=folder)
    text = run(TIDEGATE, "test", cwd=folder)
    if not re.search(r"gateways/other\n.*3 successes.*\ngateways/quiz\n.*3 succ", text, re.DOTALL):
        sys.exit(f"the folders' reports are not in order:\n{text}")
    shutil.rmtree(folder / "gateways" / "other")


def coverage_counts_lines(folder):
    gateway = folder / "gateways" / "quiz" / "gateway.lua"
    lines = gateway.read_text().splitlines()
    refusal = next(n for n, line in enumerate(lines, 1) if "text must be a text" in line)
    text = run(TIDEGATE, "test", "--coverage=out", "gateways/quiz", cwd=folder)
    row = re.search(r"^gateways/quiz/gateway.lua +(\d+) +(\d+\.\d)% +(.+)$", text, re.MULTILINE)
    if not row or str(refusal) != row[3]:
        sys.exit(f"line {refusal} alone has not run, but the table says:\n{text}")
    lcov = (folder / "out" / "quiz.lcov").read_text()
    expect(lcov, "SF:gateways/quiz/gateway.lua\n", f"DA:{refusal},0\n", f"LF:{row[1]}\n",
           f"LH:{int(row[1]) - 1}\n", "end_of_record\n")


def coverage_overwrites_nothing(folder):
    shutil.copytree(folder / "gateways" / "quiz", folder / "elsewhere" / "quiz")
    expect(run(TIDEGATE, "test", "--coverage=out", "gateways/quiz", "elsewhere/quiz", cwd=folder,
               status=1),
           "gateways/quiz and elsewhere/quiz would both be written to out/quiz.lcov")
    expect(run(TIDEGATE, "test", "--coverage=no/where", "gateways/quiz", cwd=folder, status=1),
           "--coverage: no/where: No such file or directory")
    shutil.rmtree(folder / "elsewhere")


def a_server_that_goes_away_is_noticed(folder):
    """A listener that opens one WebSocket connection and ends it without a close frame."""
    gone = folder / "gateways" / "gone"
    shutil.copytree(folder / "gateways" / "quiz", gone)
    (gone / "spec" / "quiz_spec.lua").write_text("""
      local kit = require "tidegate.kit"
      it("notices", function()
        local app = kit.live(os.getenv "SERVER", { path = "/", secret = os.getenv "SECRET" })
        local alice = app:connect { tenant = "acme", claims = {}, headers = {
          ["X-Tenant-Id"] = false, authorization = "Bearer mine", two = { "a", "b" } } }
        assert.same({ 1006, "" }, { alice:closed() })
        local data, why = alice:receive("late")
        assert.is_nil(data)
        assert.truthy(why:find("it was closed: 1006", 1, true))
      end)
    """)
    heads = []

    def serve(listener):
        stream, _ = listener.accept()
        with stream:
            head = b""
            while b"\r\n\r\n" not in head:
                head += stream.recv(4096)
            heads.append(head.decode())
            key = re.search(rb"(?i)sec-websocket-key: (\S+)", head)[1]
            accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
            stream.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                           b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + accept
                           + b"\r\nSec-WebSocket-Protocol: tidegate.v1\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        server = threading.Thread(target=serve, args=(listener,), daemon=True)
        server.start()
        expect(run(TIDEGATE, "test", "gateways/gone", cwd=folder, SECRET=SECRET,
                   SERVER=f"ws://127.0.0.1:{listener.getsockname()[1]}"), "1 success")
        server.join()
    lines = sorted(line.lower() for line in heads[0].split("\r\n")
                   if re.match("(?i)x-tenant|authorization|two", line))
    if lines != ["authorization: bearer mine", "two: a", "two: b"]:
        sys.exit(f"headers are not replaced, added and left out: {lines}")
    shutil.rmtree(gone)


def watching_runs_again(folder):
    spec = folder / "gateways" / "quiz" / "spec" / "quiz_spec.lua"
    log = folder / "watch.log"
    with open(log, "w") as output:
        watcher = subprocess.Popen([TIDEGATE, "test", "--watch", "gateways/quiz"], cwd=folder,
                                   env=environment(), stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=output)
    try:
        wait_until(lambda: log.read_text().count("waiting for a change") == 1, log)
        spec.write_text(spec.read_text() + "\n-- one more line\n")
        wait_until(lambda: log.read_text().count("waiting for a change") == 2, log)
    finally:
        watcher.send_signal(signal.SIGTERM)
        watcher.wait(timeout=PATIENCE)
    if log.read_text().count("3 successes / 0 failures / 0 errors") != 2:
        sys.exit(f"watching did not run the specs twice:\n{log.read_text()}")


def wait_until(is_done, log):
    deadline = time.monotonic() + PATIENCE
    while not is_done():
        if time.monotonic() > deadline:
            sys.exit(f"this took too long:\n{log.read_text()}")
        time.sleep(0.05)


def the_same_specs_pass_on_a_running_server(folder):
    log = folder / "server.log"
    with open(log, "w") as output:
        server = subprocess.Popen(
            [TIDEGATE, "serve", "--listen", "127.0.0.1:0", "--admin", "off", "--socket", "off",
             "--workers", "2", "--gateways", str(ROOT / "gateways")],
            cwd=folder, stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, env=environment(TIDEGATE_AUTH_SECRET=SECRET))
    ready = re.compile(r'listen="?(127\.0\.0\.1:\d+)[^\n]*"ready"')
    try:
        wait_until(lambda: ready.search(log.read_text()), log)
        url = "ws://" + ready.search(log.read_text())[1]
        text = run(TIDEGATE, "test", "gateways/chat", "gateways/echo", TIDEGATE_LIVE=url,
                   TIDEGATE_LIVE_SECRET=SECRET)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(timeout=PATIENCE)
    totals = [[int(number) for number in row] for row in re.findall(
        r"(\d+) success(?:es)? / (\d+) failures? / (\d+) errors? / (\d+) pending", text)]
    if len(totals) != 2 or totals[0][0] < 9 or totals[1][0] < 6 or any(t[1] + t[2] for t in totals):
        sys.exit(f"the specs do not pass on a running server:\n{text}")
    for why in re.findall(r"^.*needs the kit: (.*)$", text, re.MULTILINE):
        print(f"only on the kit: {why}")
    if server.returncode != 0 or " error " in log.read_text():
        sys.exit(f"the server ended with {server.returncode}:\n{log.read_text()}")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for part in (a_new_gateway_passes, what_is_missing_is_said, options_go_through,
                     folders_run_side_by_side, coverage_counts_lines, coverage_overwrites_nothing,
                     a_server_that_goes_away_is_noticed, watching_runs_again,
                     the_same_specs_pass_on_a_running_server):
            part(folder)
            print(f"{part.__name__}: yes")


if __name__ == "__main__":
    main()
