# SPDX-License-Identifier: MIT
"""The judge of all plays can say no: to exit codes, error lines, lines that are none, sanitizer
reports and leaked tokens; and the metrics parser refuses what is not strict."""
import prometheus
import server as servers
from stage import Failed, check, equal

STAMP = "2026-11-23T16:12:05.123Z"
GOOD = f'{STAMP} info worker-1 net conn=7 reason=idle "connection closed"'
GOOD_PAGE = """# HELP a_total Things.
# TYPE a_total counter
a_total{reason="x"} 1
a_total{reason="y\\"\\n"} 2
# HELP b Level.
# TYPE b gauge
b 3.5
"""
BAD_PAGES = [
    GOOD_PAGE[:-1],
    GOOD_PAGE.replace("# TYPE b gauge\n", ""),
    GOOD_PAGE.replace("# HELP b Level.\n", ""),
    GOOD_PAGE.replace("gauge", "level"),
    GOOD_PAGE.replace("a_total", "a"),
    GOOD_PAGE.replace("b 3.5", "b"),
    GOOD_PAGE.replace("b 3.5", "b three"),
    GOOD_PAGE.replace("b 3.5", "b NaN"),
    GOOD_PAGE.replace("b 3.5", "b -1"),
    GOOD_PAGE.replace("b 3.5", "b{x=1} 3"),
    GOOD_PAGE.replace("b 3.5", 'b{x="1",} 3'),
    GOOD_PAGE.replace("b 3.5", 'b 3\nb 3'),
    GOOD_PAGE + 'a_total{reason="z"} 1\n',
    GOOD_PAGE + "# HELP b Level.\n",
    GOOD_PAGE + "# something else\n",
    GOOD_PAGE + "1b 3\n",
]


def judged(lines, code=0, allowed=(), secrets=()):
    server = servers.Server(None, {}, (), None, None)
    server.process = type("Ended", (), {"returncode": code})
    server.lines = list(lines)
    server.allowed_errors = list(allowed)
    server.secrets = list(secrets)
    try:
        server.judge()
        return True
    except Failed:
        return False


async def play(stage):
    error = f'{STAMP} error worker-1 net "it broke"'
    check(judged([GOOD, GOOD]), "a good log is good")
    check(judged([error], allowed=["it broke"]), "an allowed error is allowed")
    check(not judged([GOOD], code=1), "an exit code")
    check(not judged([GOOD], code=-11), "a death by signal")
    check(not judged([GOOD, error]), "an error line")
    check(not judged([GOOD], allowed=["it broke"]), "an error that should have come")
    check(not judged(["==1==ERROR: AddressSanitizer: heap-use-after-free"]), "a sanitizer report")
    check(not judged(["src/x.c:1:2: runtime error: signed overflow"]), "undefined behaviour")
    check(not judged(["hello"]), "a line that is none")
    check(not judged([GOOD.replace("idle", "\x1b[31m")]), "a control octet")
    check(not judged([GOOD.replace("idle", servers.SECRET)]), "the secret")
    token = stage.token()
    check(not judged([GOOD.replace("idle", token)], secrets=stage.secrets), "a token")
    check(not judged([GOOD.replace("idle", token[-24:])], secrets=stage.secrets), "a signature")

    equal(prometheus.parse(GOOD_PAGE)[1]["b"], 3.5, "a good page")
    for page in BAD_PAGES:
        try:
            prometheus.parse(page)
        except (prometheus.Malformed, ValueError):
            continue
        raise Failed(f"a bad page was taken:\n{page}")
    stage.tell("pages", len(BAD_PAGES))
