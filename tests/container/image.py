#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The Dockerfile's image is built here and run: it serves chat, as nobody of importance, with
every right taken away, and ends on SIGTERM with 0. In it is the gateway and what it needs to run,
but nothing of the machine or of the stage that built it.

image.py FOLDER: where the base image's archive is kept. Exit code 77: this can't be tried here."""
import json
import os
import pathlib
import re
import socket
import sys
import tarfile
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from engine import CannotRun, Engine, Failed, run  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMAGE = "localhost/tidegate:test"
SKIPPED = 77
USER = 10001
LEAST_RIGHTS = ("--read-only", "--cap-drop", "all", "--security-opt", "no-new-privileges")
# What of the image neither the base nor a package has brought: ours, and what installing writes.
OURS = re.compile(r"usr/bin/tidegate|usr/share/man/man1/tidegate\.1|"
                  r"usr/(share|lib)/tidegate(/.*)?|gateways(/.*)?")
WRITTEN = re.compile(
    r"(var/(lib/dpkg|lib/apt|cache|log)|run|proc|sys|dev)(/.*)?|etc/ld\.so\.cache|"
    r"etc/(passwd|group|shadow|gshadow|subuid|subgid)-?|etc/\.pwd\.lock|etc/(hosts|resolv\.conf)|"
    # by update-ca-certificates, of the package ca-certificates
    r"etc/ca-certificates\.conf|etc/ssl/certs/.*|usr/local/share/ca-certificates")
TOOLS = re.compile(r"(cc|gcc|g\+\+|c\+\+|clang|ld|as|make|cmake|ninja|python3?|luajit|node|git)"
                   r"(-[\d.]+)?")
GATEWAY = """local tide = require "tidegate"
return { path = "/mine", events = { ask = function() return "mine answers" end } }
"""


def check(is_true, sentence):
    if not is_true:
        raise Failed(sentence)


def free_ports():
    """Two ports that nobody has now."""
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


class Container:
    def __init__(self, engine, name, *options):
        self.engine = engine
        self.name = name
        self.port, self.admin = free_ports()
        engine.start(IMAGE, name, *LEAST_RIGHTS, "--env", f"TIDEGATE_LISTEN=127.0.0.1:{self.port}",
                     "--env", f"TIDEGATE_ADMIN=127.0.0.1:{self.admin}", *options)
        end = time.monotonic() + 20
        while not any('"ready"' in line for line in engine.logs(name)):
            if time.monotonic() > end:
                raise Failed("never ready; its log:\n" + "\n".join(engine.logs(name)))
            time.sleep(0.1)

    def inspect(self):
        return json.loads(self.engine.podman("inspect", self.name))[0]

    def say(self, path, text):
        """What the example client prints."""
        url = f"ws://127.0.0.1:{self.port}{path}"
        return run("/usr/bin/python3", str(ROOT / "examples/python/say.py"), text, "--url", url)[0]

    def stop(self):
        """The way engines stop: SIGTERM, and SIGKILL for who is slow."""
        self.engine.podman("stop", "--time", "40", self.name, within=60)
        state = self.inspect()["State"]
        lines = self.engine.logs(self.name)
        check(state["ExitCode"] == 0, f"exit code {state['ExitCode']}:\n" + "\n".join(lines))
        check(any('"draining"' in line for line in lines), "it was not drained")
        errors = [line for line in lines if " error " in line]
        check(not errors, f"errors were logged: {errors}")


def users_of(pid):
    """The user ids of a process and of those below it, with their names."""
    users = []
    waiting = [pid]
    while waiting:
        pid = waiting.pop()
        status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
        users.append((re.search(r"^Name:\s+(.*)$", status, re.M)[1],
                      set(re.search(r"^Uid:\s+(.*)$", status, re.M)[1].split())))
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        waiting += [int(child) for child in children.split()]
    return users


def it_serves_chat_and_ends(engine):
    container = Container(engine, "tidegate-shipped")
    said = container.say("/chat", "hello")
    check('"delivered": true' in said and '"text": "hello"' in said, f"the chat said {said!r}")
    users = users_of(container.inspect()["State"]["Pid"])
    check(len(users) >= 3, f"a supervisor, a worker and an admin process are wanted: {users}")
    check(all(ids == {str(USER)} for _, ids in users), f"somebody else's process: {users}")
    engine.podman("healthcheck", "run", container.name)
    container.stop()


def its_health_can_be_bad(engine):
    """The check of the image's health fails where nobody answers."""
    container = Container(engine, "tidegate-deaf", "--env", "TIDEGATE_ADMIN=off")
    try:
        engine.podman("healthcheck", "run", container.name)
    except Failed:
        container.stop()
    else:
        raise Failed("the health of a container that answers nobody was called good")


def it_serves_a_folder_of_ones_own(engine):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        gateway = pathlib.Path(folder) / "mine" / "gateway.lua"
        gateway.parent.mkdir()
        gateway.write_text(GATEWAY, encoding="utf-8")
        container = Container(engine, "tidegate-mine", "--volume", f"{folder}:/gateways:ro")
        ask = ('import asyncio, sys, websockets\n'
               'async def ask():\n'
               '    async with websockets.connect(sys.argv[1]) as socket:\n'
               '        await socket.send(\'{"event": "ask", "id": 1}\')\n'
               '        print(await asyncio.wait_for(socket.recv(), 5))\n'
               'asyncio.run(ask())\n')
        answer = run("/usr/bin/python3", "-c", ask, f"ws://127.0.0.1:{container.port}/mine")[0]
        check(json.loads(answer) == {"id": 1, "data": "mine answers"}, f"answered {answer!r}")
        container.stop()


def it_says_how_it_is_run(engine):
    config = json.loads(engine.podman("image", "inspect", IMAGE))[0]["Config"]
    check(config["User"] == str(USER), f"the user is {config.get('User')}")
    check(set(config["ExposedPorts"]) == {"8080/tcp", "9090/tcp"}, f"{config['ExposedPorts']}")
    check("/gateways" in config["Volumes"], f"the volumes are {config.get('Volumes')}")
    check(config["StopSignal"] in ("SIGTERM", "15"), f"stops by {config.get('StopSignal')}")


def files_of_packages(top):
    """All paths that dpkg in the image knows of."""
    known = set()
    for listing in (top / "var/lib/dpkg/info").glob("*.list"):
        known.update(line[1:] for line in listing.read_text(encoding="utf-8").splitlines())
    # /bin, /lib and their kind are links into /usr.
    return known | {f"usr/{path}" for path in known}


def it_holds_nothing_else(engine, archive):
    top = pathlib.Path(engine.mount(IMAGE))
    with tarfile.open(archive) as base:
        known = {os.path.normpath(name) for name in base.getnames()}
    known |= files_of_packages(top)
    strangers, tools, ours = [], [], []
    for folder, folders, names in os.walk(top):
        for name in folders + names:
            path = os.path.relpath(os.path.join(folder, name), top)
            if TOOLS.fullmatch(name) and name in names and "bin" in path.split("/"):
                tools.append(path)
            if OURS.fullmatch(path):
                ours.append(path)
            elif path not in known and not WRITTEN.fullmatch(path):
                strangers.append(path)
    check("usr/bin/tidegate" in ours and "gateways/chat/gateway.lua" in ours, f"ours: {ours}")
    check(not strangers, f"whence are {strangers[:20]}")
    check(not tools, f"tools of the build: {tools}")
    installed, _ = run("dpkg-query", f"--admindir={top}/var/lib/dpkg", "-W", "-f", "${Package}\n")
    unwanted = [name for name in installed.split()
                if re.search(r"-dev$|^build-essential|^python3|cmocka|busted|clang|valgrind", name)]
    check(len(installed.split()) > 50 and not unwanted, f"packages: {unwanted}")
    octets = (top / "usr/bin/tidegate").read_bytes()
    check(str(ROOT).encode() not in octets, "the program names the folder it was built from")
    print(f"files of ours: {len(ours)}, packages: {len(installed.split())}")


def base_name():
    """The image that every stage of the Dockerfile begins with, or an earlier stage."""
    names = re.findall(r"^FROM (\S+)(?: AS (\S+))?$", (ROOT / "Dockerfile").read_text(), re.M)
    stages = {stage for _, stage in names}
    bases = {image for image, _ in names} - stages
    check(len(bases) == 1, f"the Dockerfile begins with {bases}")
    return bases.pop()


def main():
    kept = sys.argv[1]
    os.makedirs(kept, exist_ok=True)
    begun = time.monotonic()
    try:
        with Engine(kept) as engine:
            archive = engine.make_base(base_name())
            engine.build(str(ROOT), IMAGE)
            print(f"built after {time.monotonic() - begun:.0f} s", flush=True)
            it_says_how_it_is_run(engine)
            it_serves_chat_and_ends(engine)
            its_health_can_be_bad(engine)
            it_serves_a_folder_of_ones_own(engine)
            it_holds_nothing_else(engine, archive)
    except CannotRun as reason:
        print(f"SKIPPED: no image can be built and run here: {reason}")
        sys.exit(SKIPPED)
    print(f"passed in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    main()
