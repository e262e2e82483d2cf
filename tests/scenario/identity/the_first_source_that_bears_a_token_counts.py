# SPDX-License-Identifier: MIT
"""Alice's token is good in the header, in a cookie and among the subprotocols, and in the query
when that is switched on. Where two places bear one, only the first is looked at. No handler ever
sees a token, and none is answered as a subprotocol."""
from stage import check, equal

PATH = "/whoami/here"


def offers(token):
    return ["tidegate.v1", f"bearer.{token}"]


async def play(stage):
    good = stage.token(sub="alice")
    bad = stage.token(secret="y" * 40)

    async def sub(server, path=PATH, headers=None, **options):
        actor = await stage.client(server, "alice", path, headers=headers, **options)
        seen = await actor.data("whoami")
        check("access_token" not in seen["query"], "no token in client.query")
        chosen = actor.connection.subprotocol
        await actor.leave()
        return seen.get("sub"), chosen, seen["query"]

    async with stage.server() as server:
        cookie = {"Cookie": f"theme=dark; access_token={good}"}
        equal(await sub(server, token=good), ("alice", None, {}), "by header")
        equal(await sub(server, headers=cookie), ("alice", None, {}), "by cookie")
        equal(await sub(server, subprotocols=offers(good)), ("alice", "tidegate.v1", {}),
              "by subprotocol")
        equal(await sub(server, f"{PATH}?a=1&access_token={good}&b=2"),
              (None, None, {"a": "1", "b": "2"}), "the query is off")
        both = {**cookie, "Authorization": f"Bearer {bad}"}
        await stage.refuses(401, server, PATH, headers=both)
        await stage.refuses(401, server, PATH, headers={"Cookie": f"access_token={bad}"},
                            subprotocols=offers(good))
        await stage.refuses(401, server, PATH, subprotocols=offers(bad))
        await stage.refuses(401, server, PATH, headers={
            "Cookie": f"access_token={good}; access_token={good}"})
        await stage.refuses(400, server, PATH, token=good, headers={
            "authorization": f"Bearer {good}"})
        await stage.refuses(401, server, PATH, headers={**cookie, "Authorization": "Basic YTpi"})
        equal(await sub(server, headers={"Cookie": f"Access_Token={bad}; x={bad}"}),
              (None, None, {}), "other cookies")

    async with stage.server(auth_sources="query,cookie", auth_cookie="session") as server:
        query = f"{PATH}?room=1&access%5ftoken={good}"
        equal(await sub(server, query), ("alice", None, {"room": "1"}), "by query")
        equal(await sub(server, headers={"Cookie": f"session={good}; access_token={bad}"}),
              ("alice", None, {}), "by a cookie of another name")
        equal(await sub(server, token=bad), (None, None, {}), "the header is off")
        await stage.refuses(401, server, f"{PATH}?access_token={bad}")
        await stage.refuses(401, server, f"{PATH}?access_token={good}&access_token={good}")
        await stage.refuses(401, server, f"{PATH}?access_token={good[:-3]}%2")
        await stage.refuses(401, server, PATH, subprotocols=offers(good))
