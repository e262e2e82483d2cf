# SPDX-License-Identifier: MIT
"""Alice refreshes her token before it ends: the new claims are seen, rooms and state stay, and she
stays past the old end. Whatever is wrong with a refresh has one answer and changes nothing; a
client that goes on trying is told so. Bob, who doesn't refresh, is closed at the end of his."""
import time

from stage import check, equal

REFUSED = {"error": {"code": "unauthorized", "message": "unauthorized"}}


async def play(stage):
    async with stage.server() as server:
        async def connect(name, **claims):
            claims = {"sub": name, **claims}
            return await stage.client(server, name, "/refreshing", token=stage.token(**claims))

        exp = int(time.time()) + 2
        alice = await connect("alice", exp=exp, role="guest", tenant="acme")
        bob = await connect("bob", exp=exp, tenant="acme")
        equal(await alice.data("join", "tea"), True, "joined")
        token = stage.token(sub="alice", role="admin", tenant="acme")
        equal(await alice.request("auth", {"token": token}), {"data": True}, "refreshed")
        who = await alice.data("who")
        equal((who["role"], who["rooms"], who["joined"], who["tenant"]),
              ("admin", ["tea"], "tea", "acme"), "new claims, old rooms")
        await bob.is_closed(4001, "token expired", within=5)
        check(-0.1 < time.time() - exp < 1.5, "bob was closed at the end of his token")
        equal((await alice.data("who"))["role"], "admin", "alice is still there")
        dora = await connect("dora", tenant="acme")
        equal(await dora.data("tell", "tea"), True, "told")
        await alice.hears("told")

        for name, changed in (("carol", {"sub": "eve"}), ("dave", {"tenant": "globex"}),
                              ("erin", {"exp": int(time.time()) - 100}),
                              ("frank", {"secret": "y" * 40})):
            client = await connect(name, tenant="acme", role="guest")
            claims = {"sub": name, "tenant": "acme", "role": "admin", **changed}
            answer = await client.request("auth", {"token": stage.token(**claims)})
            equal(answer, REFUSED, f"the answer to {changed}")
            equal((await client.data("who"))["role"], "guest", "the old claims stay")
            await client.leave()

        mallory = await connect("mallory")
        for _ in range(5):
            equal(await mallory.error("auth", {"token": "x.y.z"}), "unauthorized", "refused")
        equal(await mallory.error("auth", {"token": stage.token(sub="mallory")}), "rate_limited",
              "too many")
        await mallory.say('{"event":"auth","data":{"token":"x"}}')
        equal((await mallory.data("who"))["claims"]["sub"], "mallory", "nothing was answered")
        await server.metric_becomes("ws_token_refreshes_total", 1)
        await server.metric_becomes('ws_messages_ignored_total{reason="unauthorized"}', 9)
        await server.metric_becomes('ws_messages_ignored_total{reason="rate_limited"}', 2)

        anonymous = await stage.client(server, "anonymous", "/whoami/here")
        equal(await anonymous.error("auth", {"token": token}), "unauthorized", "no way in")
        equal((await anonymous.data("whoami")).get("claims"), None, "still anonymous")
