# SPDX-License-Identifier: MIT
"""The metrics page is strict Prometheus text, by a parser of the tests' own; every series that the
documentation of the counters promises is there, and health answers what it should."""
import glob
import os
import re

from server import ROOT
from stage import check, equal
import prometheus

ONE_WORKER = "a room is counted by each worker that has members of it"


def promised():
    """The series of src/hub/*.def, read as text."""
    folder = os.path.join(ROOT, "src", "hub")
    tables = {os.path.basename(path): open(path, encoding="utf-8").read()
              for path in glob.glob(os.path.join(folder, "*.def"))}
    yield from re.findall(r'TG_COUNTER\(\w+, "(\w+)"', tables["counter.def"])
    for macro, family, table in [("CLOSE_REASON", "ws_closed_total", "close_reason.def"),
                                 ("REFUSAL", "ws_handshakes_refused_total", "refusal.def"),
                                 ("IGNORED", "ws_messages_ignored_total", "ignored.def")]:
        for label in re.findall(rf'TG_{macro}\(\w+, "(\w+)"', tables[table]):
            yield f'{family}{{reason="{label}"}}'


async def play(stage):
    async with stage.server() as server:
        actors = [await stage.client(server, "someone", "/north") for _ in range(5)]
        for actor in actors:
            await actor.data("join", "room")
            await actor.heard_nothing()
        status, fields, text = await server.admin("/metrics")
        equal(status, 200, "status")
        check(fields["Content-Type"].startswith("text/plain; version=0.0.4"), f"{fields}")
        check(fields.get("Cache-Control") == "no-store", f"{fields}")
        kinds, values = prometheus.parse(text)
        wanted = set(promised())
        check(len(wanted) > 40, f"{len(wanted)} series are promised")
        check(wanted <= set(values), f"missing: {sorted(wanted - set(values))}")
        equal(kinds["ws_connections"], "gauge", "ws_connections is a gauge")
        equal(values["ws_connections"], 5, "connections")
        equal(values["ws_rooms"], 1, "rooms")
        equal(values["ws_messages_in_total"], 5, "messages in")
        equal(values["ws_messages_out_total"], 10, "messages out")
        equal(values["ws_upgrades_total"], 5, "upgrades")
        check(values["ws_received_bytes_total"] > 0 and values["ws_sent_bytes_total"] > 0, "octets")
        equal((await server.admin("/livez"))[0], 200, "/livez")
        equal((await server.admin("/readyz"))[0], 200, "/readyz")
        equal((await server.admin("/nowhere"))[0], 404, "/nowhere")
        equal((await server.admin("/metrics", "POST"))[0], 405, "POST")
        refused = (await server.admin("/metrics", headers={"Host": "evil.example"}))[0]
        check(refused in (400, 403, 421), f"a foreign Host was answered with {refused}")
        equal((await stage.answer(server, "/metrics"))[0], 404, "/metrics on the public port")
        stage.tell("series", len(values))
