# SPDX-License-Identifier: MIT
"""Every request gets one answer, with its own id as it was sent; notifications get none. Errors
have the core's codes or the author's."""
import json

from stage import equal

VALUES = [None, True, False, 0, -1, 1.5, 2**53, "text", "ä\u2028\U0001f600\"\\\n", "", [], {},
          [[], {}], {"a": [1, 2, {"b": None}]}, [None, 1], [0] * 500, {"": ""}]
IDS = [1, 0, -7, 2**53, "a", "", "ä", "a\"b\\", "x" * 100]


async def play(stage):
    async with stage.server() as server:
        server.allow_error(r"answers")
        alice = await stage.client(server, "alice", "/answers")
        for value in VALUES:
            equal(await alice.data("value", value), value, "a value comes back")
        for number in IDS:
            answer = await alice.request("value", "x", number)
            equal(answer, {"data": "x"}, f"the answer to id {number!r}")
        equal(await alice.request("nothing"), {"data": None}, "no value")
        equal(await alice.request("value"), {"data": None}, "no data")
        equal(await alice.request("no"),
              {"error": {"code": "no_such_room", "message": "there is no room of that name"}}, "no")
        equal(await alice.error("boom"), "handler_error", "boom")
        equal(await alice.error("no.such"), "unknown_event", "unknown")
        equal(await alice.request("slow", 50), {"data": "slept"}, "slow")
        equal(await alice.error("slow_no", 50), "too_late", "slow_no")
        equal(await alice.data("raw", {"a": [1, 2]}), 'string:{"a": [1, 2]}', "raw data")

        for data, wanted in [("pass", {"data": "passed the guard"}),
                             ("error", {"error": {"code": "bad_request",
                                                  "message": "the guard says no"}}),
                             ("table", {"data": {"from": "guard"}})]:
            equal(await alice.request("guarded", data), wanted, f"a guard that says {data}")
        for data in ("false", "nothing"):
            equal(await alice.error("guarded", data), "forbidden", f"a guard that says {data}")
        equal(await alice.error("guarded", "raise"), "handler_error", "a guard that raises")

        # Events sent by the handler come before its answer.
        await alice.ask("reply_and_send")
        await alice.hears("first", 1)
        await alice.hears("second", 2)
        equal(await alice.answer(alice.last_id), {"data": "third"}, "the answer")

        # Notifications, failing ones too, are not answered.
        for event in ("call", "no", "boom", "nothing", "slow"):
            await alice.send(event, 1)
        await alice.heard_nothing()

        # A burst: each id is answered once, in order.
        burst = stage.count("burst", 1000, 20000)
        before = await alice.data("calls")
        for start in range(0, burst, 100):
            for number in range(start, start + 100):
                await alice.say(json.dumps({"event": "call", "id": f"b{number}"}))
            for number in range(start, start + 100):
                equal(await alice.answer(f"b{number}"), {"data": before + number + 1}, "the burst")
        await alice.heard_nothing()
