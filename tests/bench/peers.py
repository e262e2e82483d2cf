# SPDX-License-Identifier: MIT
"""What the peers of the comparison run from. nginx with http-lua is made of Debian's packages,
which conflict with those that Tidegate is built with: they are fetched by apt and unpacked into a
directory of their own below build/. gorilla's server is compiled. Nothing of it is installed, and
whatever can't be had leaves its peer out, by name."""
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
PREFIX = os.path.join(ROOT, "build", "peers")
FETCH_S = 120
NGINX_PACKAGES = ("nginx", "libnginx-mod-http-lua", "libnginx-mod-http-ndk", "lua-resty-core",
                  "lua-resty-lrucache", "libluajit2-5.1-2", "libpcre3")
GORILLA_PACKAGES = ("golang-github-gorilla-websocket-dev",)
GORILLA_INSTALLED = "/usr/share/gocode/src/github.com/gorilla/websocket"
DEBIAN_GO = "/usr/bin/go"
CJSON = "/usr/lib/x86_64-linux-gnu/lua/5.1/cjson.so"


class PeerMissing(Exception):
    """Why a peer can't be measured here."""


def run(command, **options):
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=FETCH_S,
                              check=False, **options)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerMissing(f"{command[0]}: {error}") from None
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip() or "no word why").splitlines()
        raise PeerMissing(f"{' '.join(command[:2])}: {lines[-1]}")
    return done.stdout + done.stderr


def unpack(name, packages):
    """The directory that holds what these packages install. It is made whole or not at all, and
    once only."""
    root = os.path.join(PREFIX, name)
    if os.path.isdir(root):
        return root
    os.makedirs(PREFIX, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PREFIX) as directory:
        made = os.path.join(directory, "root")
        os.mkdir(made)
        run(["apt-get", "download", *packages], cwd=directory)
        for package in sorted(os.listdir(directory)):
            if package.endswith(".deb"):
                run(["dpkg", "-x", os.path.join(directory, package), made])
        os.rename(made, root)
    return root


def nginx():
    """The root of an unpacked nginx with http-lua."""
    if not os.path.exists(CJSON):
        raise PeerMissing("lua-cjson is not installed")
    return unpack("nginx", NGINX_PACKAGES)


def nginx_version():
    """Of the unpacked one, which has to run for that."""
    root = nginx()
    said = run([os.path.join(root, "usr/sbin/nginx"), "-v"],
               env={**os.environ, "LD_LIBRARY_PATH": nginx_libraries(root)})
    loop = "lua-resty-websocket" if resty_websocket() else "a frame loop of our own"
    return f"nginx {said.strip().rpartition('/')[2]} with http-lua and {loop}"


def resty_websocket():
    """Where lua-resty-websocket is: what RESTY_WEBSOCKET names has resty/websocket in it. None: it
    is not packaged, and the frame loop of our own takes its place."""
    path = os.environ.get("RESTY_WEBSOCKET")
    if path and not os.path.exists(os.path.join(path, "resty", "websocket", "server.lua")):
        raise PeerMissing(f"RESTY_WEBSOCKET: there is no {path}/resty/websocket/server.lua")
    return path


def nginx_libraries(root):
    return ":".join(os.path.join(root, path) for path in
                    ("usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu"))


def nginx_config(root, port):
    """The path of the configuration for this port, written beside what nginx writes itself."""
    state = os.path.join(PREFIX, "nginx-state")
    os.makedirs(os.path.join(state, "logs"), exist_ok=True)
    here = os.path.join(HERE, "peers", "nginx")
    with open(os.path.join(here, "nginx.conf.in"), encoding="utf-8") as template:
        text = template.read()
    for name, value in (("ROOT", root), ("STATE", state), ("HERE", here), ("PORT", str(port)),
                        ("LIBRARY", resty_websocket() or here)):
        text = text.replace(f"@{name}@", value)
    path = os.path.join(state, "nginx.conf")
    with open(path, "w", encoding="utf-8") as config:
        config.write(text)
    return path


def gorilla():
    """The path of gorilla's server, compiled anew when its source is younger."""
    source = os.path.join(HERE, "peers", "gorilla", "server.go")
    program = os.path.join(PREFIX, "gorilla-server")
    if os.path.exists(program) and os.path.getmtime(program) > os.path.getmtime(source):
        return program
    compiler = DEBIAN_GO if os.path.exists(DEBIAN_GO) else shutil.which("go")
    if not compiler:
        raise PeerMissing("go is not installed")
    gopath = "/usr/share/gocode"
    if not os.path.isdir(GORILLA_INSTALLED):
        gopath = os.path.join(unpack("gorilla", GORILLA_PACKAGES), "usr/share/gocode")
    os.makedirs(PREFIX, exist_ok=True)
    run([compiler, "build", "-o", program, source],
        env={**os.environ, "GO111MODULE": "off", "GOPATH": gopath, "GOFLAGS": "",
             "GOCACHE": os.path.join(PREFIX, "go-cache")})
    return program


def gorilla_version():
    return "gorilla on " + run(["go", "version", gorilla()]).split()[-1]


def node_path():
    """Where node finds the package of Debian's."""
    return os.environ.get("NODE_PATH") or "/usr/share/nodejs"


def ws_version():
    said = run(["node", "-p", "process.version + ' with ws ' + require('ws/package.json').version"],
               env={**os.environ, "NODE_PATH": node_path()})
    return f"Node {said.strip()}"


def prepared(wanted):
    """Those of the wanted peers that are here, each with its version in words, and why each of the
    others is not."""
    makers = {"nginx-lua": nginx_version, "gorilla": gorilla_version, "ws": ws_version}
    here, missing = {}, {}
    for name in wanted:
        try:
            here[name] = makers[name]() if name in makers else ""
        except PeerMissing as reason:
            missing[name] = str(reason)
            print(f"run.py: {name} is left out: {reason}", file=sys.stderr)
    return here, missing
