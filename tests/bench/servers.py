# SPDX-License-Identifier: MIT
"""The servers under load: started on a port that the kernel chooses, pinned to a core, stopped by
pid."""
import os
import re
import signal
import socket
import subprocess
import tempfile
import time

import peers

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
START_S = 20
STOP_S = 15


class BenchError(Exception):
    """Something that makes a figure worthless."""


class Server:
    """One running server. Use it with `with`."""

    def __init__(self, name, command, path, ready, env=None, core=None, start_s=START_S,
                 listener=None):
        """ready: what its log says then, with the port in the first group, unless it is given a
        listener, which its environment names."""
        self.name = name
        self.path = path
        self.core = core
        self.port = listener.getsockname()[1] if listener else None
        self.admin = None  # the address of its metrics, where it has one
        self._ready = re.compile(ready)
        self._start_s = start_s
        pin = [] if core is None else ["taskset", "-c", str(core)]
        self._log = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            pin + command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})}, pass_fds=[listener.fileno()] if listener else [])

    def __enter__(self):
        try:
            self._wait_until_ready()
        except BaseException:
            self._process.kill()
            self._process.wait()
            raise
        return self

    def __exit__(self, kind, value, trace):
        self.stop()

    def log_text(self):
        return os.pread(self._log.fileno(), 1 << 20, 0).decode(errors="replace")

    def _wait_until_ready(self):
        deadline = time.monotonic() + self._start_s
        while time.monotonic() < deadline:
            found = self._ready.search(self.log_text())
            if found:
                self.port = self.port or int(found.group(1))
                self.admin = found.groupdict().get("admin")
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.02)
        raise BenchError(f"{self.name} did not start:\n{self.log_text()[-2000:]}")

    def pids(self):
        """The server's own pid and those of all its descendants."""
        parents = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                try:
                    with open(f"/proc/{entry}/stat", encoding="ascii", errors="replace") as stat:
                        parents[int(entry)] = int(stat.read().rpartition(")")[2].split()[1])
                except OSError:
                    continue
        pids = [self._process.pid]
        for pid in pids:
            pids += [child for child, parent in parents.items() if parent == pid]
        return pids

    def worker_pids(self):
        """Those of pids() that name themselves a worker."""
        workers = []
        for pid in self.pids():
            with open(f"/proc/{pid}/comm", encoding="ascii", errors="replace") as comm:
                if comm.read().startswith("tidegate-w"):
                    workers.append(pid)
        return workers

    def rss_bytes(self):
        """Resident octets of all processes of the server."""
        pages = 0
        for pid in self.pids():
            with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
                pages += int(statm.read().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def cpu_s(self):
        """CPU seconds of all threads of the server until now."""
        run_ns = 0
        for pid in self.pids():
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as stat:
                    run_ns += int(stat.read().split()[0])
        return run_ns / 1e9

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise BenchError(f"{self.name} did not stop:\n{self.log_text()[-2000:]}") from None
        finally:
            self._log.close()


def tidegate(build, core=None, wrapper=(), start_s=START_S, gateways=None, path="/bench",
             config=None, workers=1, env=None, listen="127.0.0.1:0"):
    """With one worker, unless more are asked for: figures are per worker. env: settings. listen:
    None where the configuration says it."""
    command = [*wrapper, os.path.join(build, "tidegate"), "serve",
               *(["--listen", listen] if listen else []), "--workers", str(workers),
               "--admin", "off" if wrapper else "127.0.0.1:0", "--max-connections", "0",
               "--socket", "off",
               "--gateways", gateways or os.path.join(HERE, "gateways"),
               *(["--config", config] if config else [])]
    ready = r'listen="?127\.0\.0\.1:(\d+)[^ ]*( admin=(?P<admin>[^ ]+))?.*"ready"'
    return Server("tidegate", command, path, ready, core=core, start_s=start_s, env=env)


def bare(build, core=None):
    return Server("bare", [os.path.join(build, "bare"), "0"], "/", r"listening on (\d+)\n",
                  core=core)


def ws(core=None, path="/"):
    return Server("ws", ["node", os.path.join(HERE, "peers", "ws", "server.js"), "0"], path,
                  r"listening on (\d+)\n", core=core,
                  env={"NODE_PATH": peers.node_path(), "NODE_ENV": "production"})


def nginx_lua(core=None):
    """nginx takes its listening socket from us, as it does at a binary upgrade."""
    root = peers.nginx()
    with socket.create_server(("127.0.0.1", 0), backlog=4096) as listener:
        listener.setblocking(False)  # what nginx opens itself is, and this it takes as it is
        config = peers.nginx_config(root, listener.getsockname()[1])
        return Server("nginx-lua", [os.path.join(root, "usr/sbin/nginx"), "-p",
                                    os.path.dirname(config), "-c", config],
                      "/", r"start worker process", core=core, listener=listener,
                      env={"LD_LIBRARY_PATH": peers.nginx_libraries(root),
                           "NGINX": f"{listener.fileno()};"})


def gorilla(core=None):
    return Server("gorilla", [peers.gorilla(), "0"], "/", r"listening on (\d+)\n", core=core,
                  env={"GOMAXPROCS": "1"})
