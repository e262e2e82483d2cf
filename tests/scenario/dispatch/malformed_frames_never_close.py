# SPDX-License-Identifier: MIT
"""Malformed messages and unknown events never close a socket and reach no handler. They are counted
by reason, and answered only when they bear an id."""
import json

from stage import equal

DEEP = "[" * 200 + "]" * 200
# reason, message, the answer's error code or None for silence
CASES = [
    ("malformed", "", None),
    ("malformed", "hello", None),
    ("malformed", "{", None),
    ("malformed", "[1,2]", None),
    ("malformed", "null", None),
    ("malformed", '"event"', None),
    ("malformed", '{"event":"whoami"}x', None),
    ("malformed", '{"event":"whoami","data":1e}', None),
    ("malformed", '{"event":"whoami","data":"\\ud800"}', None),
    ("malformed", '{"event":"whoami","data":"\x01"}', None),
    ("malformed", '{"event":"whoami","event":"whoami"}', None),
    ("malformed", '\ufeff{"event":"whoami"}', None),
    ("too_deep", '{"event":"whoami","data":' + DEEP + "}", None),
    ("bad_event", "{}", None),
    ("bad_event", '{"data":1}', None),
    ("bad_event", '{"event":7}', None),
    ("bad_event", '{"event":7,"id":"a"}', "bad_request"),
    ("bad_event", '{"id":12}', "bad_request"),
    ("bad_event", '{"event":"%s","id":13}' % ("x" * 200), "bad_request"),
    ("bad_id", '{"event":"whoami","id":1.5}', None),
    ("bad_id", '{"event":"whoami","id":[1]}', None),
    ("bad_id", '{"event":"whoami","id":null}', None),
    ("bad_id", '{"event":"whoami","id":"%s"}' % ("x" * 200), None),
    ("unknown_event", '{"event":"no.such"}', None),
    ("unknown_event", '{"event":"Whoami"}', None),
    ("unknown_event", '{"event":"whoami "}', None),
    ("unknown_event", '{"event":"no.such","id":"q"}', "unknown_event"),
    ("unknown_event", '{"event":"__index","id":-5}', "unknown_event"),
]


async def play(stage):
    async with stage.server() as server:
        alice = await stage.client(server, "alice", "/whoami/here")
        wanted = {}
        for reason, message, code in CASES:
            await alice.say(message)
            wanted[reason] = wanted.get(reason, 0) + 1
            if code:
                answer = json.loads(await alice.hear())
                equal(answer["error"]["code"], code, f"the answer to {message[:60]!r}")
                equal(answer["id"], json.loads(message)["id"], "its id")
        equal((await alice.data("whoami"))["path"], "/whoami/here", "alice is still served")
        values = await server.metrics()
        got = {one: values[f'ws_messages_ignored_total{{reason="{one}"}}'] for one in wanted}
        equal(got, wanted, "ignored by reason")
        equal(values["ws_messages_in_total"], 1, "messages for which a handler was found")
        equal(values["ws_handler_errors_total"], 0, "handler errors")
        stage.tell("cases", len(CASES))
