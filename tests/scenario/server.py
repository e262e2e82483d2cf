# SPDX-License-Identifier: MIT
"""One tidegate under test: started on free ports, watched through its log and its metrics page,
stopped with a signal, and judged: exit code, log lines, sanitizer reports, leaked tokens."""
import asyncio
import ctypes
import http.client
import json
import os
import re
import resource
import signal
import tempfile
import time

import certificates
import prometheus
import raw

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHIPPED = os.path.join(ROOT, "gateways")
SPECIAL = os.path.join(HERE, "gateways")
SECRET = "the scenarios' own secret, 40 octets long"
LINE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warn|info|debug) (\S+) (\S+) (.*\"[^\"]*\")"
)
SANITIZER = re.compile(r"Sanitizer|runtime error:|SUMMARY:")
PR_SET_PDEATHSIG = 1

# Deadlines are for a quiet machine; a sanitizer or a crowded one may ask for more patience.
PATIENCE = float(os.environ.get("TIDEGATE_PATIENCE", "1"))


# Under a sanitizer freed memory is kept for a while: how much is resident says nothing.
IS_SANITIZED = os.environ.get("TIDEGATE_SANITIZE", "") != ""


# Plays that say nothing of TLS are run over it too.
SPEAKS_TLS = os.environ.get("TIDEGATE_TLS", "") == "1"


def patient(seconds):
    return seconds * PATIENCE


class Failed(AssertionError):
    """The play saw something it should not have seen."""


def program():
    path = os.environ.get("TIDEGATE", os.path.join(ROOT, "build", "release", "tidegate"))
    if not os.access(path, os.X_OK):
        raise Failed(f"there is no server at {path}: build it, or name it in TIDEGATE")
    return path


def clean_environment(settings):
    """Ours without TIDEGATE_ variables, plus one for each setting: max_connections=3 becomes
    TIDEGATE_MAX_CONNECTIONS=3. TIDEGATE_WORKERS of ours says how many workers a server has whose
    play doesn't say."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("TIDEGATE") and name not in ("PYTHONPATH",)
    }
    environment.setdefault("ASAN_OPTIONS", "detect_leaks=1")
    environment.setdefault("UBSAN_OPTIONS", "print_stacktrace=1")
    for name, value in settings.items():
        environment["TIDEGATE_" + name.upper()] = str(value)
    return environment


async def run_once(arguments, settings=None, cwd=None, within=10, descriptors=None,
                   stdout=asyncio.subprocess.PIPE):
    """Runs the program until it ends by itself. Returns exit code, standard output, errors."""
    with tempfile.TemporaryDirectory() as empty:
        process = await asyncio.create_subprocess_exec(
            program(), *arguments, cwd=cwd or empty, env=clean_environment(settings or {}),
            stdin=asyncio.subprocess.DEVNULL, stdout=stdout,
            stderr=asyncio.subprocess.PIPE, start_new_session=True,
            preexec_fn=lambda: before_exec(descriptors),
        )
        try:
            out, err = await asyncio.wait_for(process.communicate(), patient(within))
        except asyncio.TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            raise Failed(f"tidegate {' '.join(arguments)} did not end in {within} s") from None
    out, err = (out or b"").decode("utf-8", "replace"), err.decode("utf-8", "replace")
    if SANITIZER.search(err):
        raise Failed("a sanitizer reported:\n" + err)
    return process.returncode, out, err


def before_exec(descriptors):
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if descriptors:
        resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))


class Server:
    """tls: a Pair, or None for plain TCP, for each listener; "own": one, with its certificate
    made on the spot. Left out, there is one, which speaks TLS where the run says so."""

    def __init__(self, gateways, settings, flags, descriptors, cwd, tls=None):
        self.gateways = gateways
        self.tls = tls
        self.ports = []
        self.trusted = {}
        self.settings = settings
        self.flags = flags
        self.descriptors = descriptors
        self.cwd = cwd
        self.lines = []
        self.news = asyncio.Event()
        self.allowed_errors = []
        self.expected_exit = 0
        self.secrets = []
        self.is_over = False
        self.process = None

    async def start(self):
        self.empty = tempfile.TemporaryDirectory()
        settings = {"log_level": "debug", "auth_secret": SECRET, "drain_deadline": "5s",
                    "deploy_socket": os.path.join(self.empty.name, "control.sock"),
                    "workers": os.environ.get("TIDEGATE_WORKERS", "1")}
        if IS_SANITIZED:
            settings["handler_budget"] = "500ms"  # of CPU, which a sanitizer spends as well
        settings.update(self.settings)
        settings = {name: value for name, value in settings.items() if value is not None}
        self.worker_count = int(settings["workers"])
        self.control_path = settings.get("deploy_socket")
        path = program()
        arguments = ["serve", "--gateways", self.gateways, *self.listen(),
                     "--admin", "127.0.0.1:0", *self.flags]
        self.process = await asyncio.create_subprocess_exec(
            path, *arguments, cwd=self.cwd or self.empty.name,
            env=clean_environment(settings), stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            start_new_session=True, preexec_fn=lambda: before_exec(self.descriptors), limit=1 << 20,
        )
        self.pid = self.process.pid
        self.reading = asyncio.create_task(self.read_log())
        ready = await self.log_says(r'"ready"', within=10)
        listen = re.search(r" listen=(\S+)", ready).group(1)
        self.ports = [int(one.rpartition(":")[2]) for one in listen.split(",")]
        self.port = self.ports[0]
        for port, pair in zip(self.ports, self.tls or [None]):
            self.trust(port, pair)
        self.admin_port = int(re.search(r" admin=\S*?:(\d+)", ready).group(1))
        return self

    def listen(self):
        """The flags that say where to listen. TLS is written in a file alone, which goes on with
        what the play's own file says."""
        if self.tls == "own" or (self.tls is None and SPEAKS_TLS):
            self.tls = [certificates.make(self.empty.name)]
        if self.tls is None:
            return ["--listen", "127.0.0.1:0"]
        file = os.path.join(self.empty.name, "listen.lua")
        with open(file, "w", encoding="utf-8") as out:
            out.write("listen = {\n")
            for pair in self.tls:
                tls = (f', tls = {{ certificate = "{pair.certificate}", key = "{pair.key}" }}'
                       if pair else "")
                out.write(f'  {{ address = "127.0.0.1", port = 0{tls} }},\n')
            out.write("}\n")
            own = os.path.join(self.cwd or "", "tidegate.lua")
            if self.cwd and os.path.exists(own):
                with open(own, encoding="utf-8") as more:
                    out.write(more.read())
        return ["--config", file]

    def trust(self, port, pair):
        """From now on clients expect this certificate at this port."""
        self.trusted[port] = pair.context() if pair else None
        raw.contexts[port] = self.trusted[port]

    async def reload(self, outcome, certificates_read=1):
        """SIGHUP; every worker logs this outcome for each certificate."""
        since = len(self.lines)
        workers = sum("-w" in name for name in self.children().values())
        self.process.send_signal(signal.SIGHUP)
        await self.log_says(outcome, since=since, count=workers * certificates_read)

    def url(self, path, port=None):
        port = port or self.port
        return f"ws{'s' if self.trusted[port] else ''}://127.0.0.1:{port}{path}"

    def connect_options(self, port=None):
        """What websockets.connect has to know beside the URL."""
        context = self.trusted[port or self.port]
        return {"ssl": context, "server_hostname": "127.0.0.1"} if context else {}

    # --- the log ---

    async def read_log(self):
        while True:
            line = await self.process.stderr.readline()
            if not line:
                break
            self.lines.append(line.decode("utf-8", "backslashreplace").rstrip("\n"))
            self.news.set()
        self.is_over = True
        self.news.set()

    async def log_says(self, pattern, within=5, since=0, count=1):
        """The count-th line that matches, from line number since on; waits for it."""
        end = time.monotonic() + patient(within)
        while True:
            self.news.clear()
            found = [line for line in self.lines[since:] if re.search(pattern, line)]
            if len(found) >= count:
                return found[count - 1]
            left = end - time.monotonic()
            if left <= 0 or self.is_over:
                raise Failed(f"the log never said {pattern!r} ({len(found)} of {count})")
            try:
                await asyncio.wait_for(self.news.wait(), left)
            except asyncio.TimeoutError:
                pass

    def allow_error(self, pattern):
        """The play causes error lines like this one; at least one must come."""
        self.allowed_errors.append(pattern)

    # --- metrics and health ---

    async def admin(self, path, method="GET", headers=None):
        def ask():
            connection = http.client.HTTPConnection("127.0.0.1", self.admin_port,
                                                    timeout=patient(5))
            try:
                connection.request(method, path, headers=headers or {})
                answer = connection.getresponse()
                return answer.status, dict(answer.getheaders()), answer.read().decode()
            finally:
                connection.close()

        return await asyncio.to_thread(ask)

    async def metrics(self):
        status, _, text = await self.admin("/metrics")
        if status != 200:
            raise Failed(f"/metrics answered {status}")
        return prometheus.parse(text)[1]

    async def metric(self, series):
        values = await self.metrics()
        if series not in values:
            raise Failed(f"no series {series} on the metrics page")
        return values[series]

    async def metric_becomes(self, series, wanted, within=5):
        """Asks until the series has the value. Counters are only served on demand, so there is no
        event to await."""
        end = time.monotonic() + patient(within)
        while True:
            value = await self.metric(series)
            if value == wanted:
                return
            if time.monotonic() > end:
                raise Failed(f"{series} is {value}, not {wanted}, after {within} s")
            await asyncio.sleep(0.02)

    # --- the control socket ---

    async def ask(self, line, within=70):
        """What the server answers to this line: the first line, and the text behind it."""
        async def call():
            reader, writer = await asyncio.open_unix_connection(self.control_path)
            try:
                writer.write(line.encode() + b"\n")
                return (await reader.read()).decode()
            finally:
                writer.close()

        try:
            answer = await asyncio.wait_for(call(), patient(within))
        except asyncio.TimeoutError:
            raise Failed(f"{line!r} was not answered within {within} s") from None
        first, _, text = answer.partition("\n")
        return first, text

    async def status(self):
        first, text = await self.ask("status json", within=5)
        if first != "ok":
            raise Failed(f"status was answered with {first!r}")
        return json.loads(text)

    async def gateway(self, name):
        """What status says of it; None: nothing."""
        status = await self.status()
        found = [one for one in status["gateways"] if one["name"] == name]
        return dict(found[0], is_in_all=found[0]["workers"] == status["workers"]) if found else None

    async def gateway_becomes(self, name, is_wanted, what, within=5):
        """Asks until is_wanted(what status says of it); gives that."""
        end = time.monotonic() + patient(within)
        while True:
            found = await self.gateway(name)
            if is_wanted(found):
                return found
            if time.monotonic() > end:
                raise Failed(f"{name} {what}: not within {within} s, but {found}")
            await asyncio.sleep(0.02)

    async def goes_live(self, name, counter, within=5):
        """Until all workers run what this counter names; gives what status says then."""
        return await self.gateway_becomes(
            name, lambda found: found is not None and found["counter"] == counter
            and found["is_in_all"], f"goes live as {counter}", within)

    # --- processes ---

    def children(self):
        """The pids of the server's processes but the supervisor, by name."""
        with open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as file:
            pids = [int(word) for word in file.read().split()]
        names = {}
        for pid in pids:
            try:
                with open(f"/proc/{pid}/comm", encoding="ascii") as file:
                    names[pid] = file.read().strip()
            except (FileNotFoundError, ProcessLookupError):
                pass  # it has just been waited for
        return names

    def workers(self):
        """The workers' pids by number, of those that have begun to run."""
        found = {}
        for pid, name in self.children().items():
            number = re.fullmatch(r"tidegate-w(\d+)", name)
            if number:
                found[int(number.group(1))] = pid
        return found

    async def worker(self):
        """The pid of the only worker."""
        values = list(self.workers().values())
        if len(values) != 1:
            raise Failed(f"expected one worker among {self.children()}")
        return values[0]

    # Of all workers together:

    async def cpu_seconds(self):
        ticks = 0
        for pid in self.workers().values():
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                fields = file.read().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    async def resident_bytes(self):
        pages = 0
        for pid in self.workers().values():
            with open(f"/proc/{pid}/statm", encoding="ascii") as file:
                pages += int(file.read().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    async def descriptor_count(self):
        return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in self.workers().values())

    # --- the end ---

    async def stop(self, sent=signal.SIGTERM, within=8):
        """Signals, waits, judges."""
        if self.process.returncode is None:
            if sent:
                self.process.send_signal(sent)
            try:
                await asyncio.wait_for(self.process.wait(), patient(within))
            except asyncio.TimeoutError:
                raise Failed(f"the server did not end within {within} s of the signal") from None
        await asyncio.wait_for(self.reading, patient(5))
        self.judge()

    def judge(self):
        if self.process.returncode != self.expected_exit:
            raise Failed(f"exit code {self.process.returncode}, not {self.expected_exit}")
        seen = set()
        for line in self.lines:
            if SANITIZER.search(line):
                raise Failed("a sanitizer reported: " + line)
            shape = LINE.fullmatch(line)
            if not shape or any(ord(octet) < 32 or ord(octet) == 127 for octet in line):
                raise Failed(f"not a log line: {line!r}")
            if shape.group(1) == "error":
                allowed = [p for p in self.allowed_errors if re.search(p, line)]
                if not allowed:
                    raise Failed("an unexpected error was logged: " + line)
                seen.update(allowed)
            for secret in [SECRET, *self.secrets]:
                if secret in line:
                    raise Failed("a secret or a token is in the log")
        for pattern in self.allowed_errors:
            if pattern not in seen:
                raise Failed(f"no error line like {pattern!r} came")

    async def destroy(self):
        """Whatever happened, nothing stays behind."""
        if not self.process:
            return
        if self.process.returncode is None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            await self.process.wait()
        self.reading.cancel()
        self.empty.cleanup()
