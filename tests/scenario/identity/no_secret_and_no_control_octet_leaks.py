# SPDX-License-Identifier: MIT
"""Tokens come by every way there is, good and bad, with claims and cookies that would be found
again anywhere; control octets come in every part of a request. With the log at debug no line, no
metric and no answer bears a token, a cookie or a claim's value, and none a raw control octet."""
import asyncio
import json

from raw import RawPeer, TEXT, frame, upgrade_head
from stage import check, patient

CLAIMS = {"sub": "subjectvalue7391", "jti": "idvalue7391", "tenant": "tenantvalue7391",
          "role": "rolevalue7391"}
COOKIE = "cookievalue7391"
# ESC, CR, LF, NUL, DEL, C1 and what is no UTF-8, as latin-1 text.
OCTETS = ["\x1b[31m", "\r", "\n", "\0", "\x7f", "\x9b", "\xff\xfe", "\xc0\x80", "\x07\x08"]


async def octets_of(server, head):
    """All that is answered to the request head; after a 101 the peer hangs up."""
    peer = await RawPeer.dial(server.port)
    peer.send(head)
    answer = b""
    try:
        while b"\r\n\r\n" not in answer or b" 101 " not in answer.split(b"\r\n")[0]:
            more = await asyncio.wait_for(peer.reader.read(4096), patient(5))
            if not more or len(answer) > 65536:
                break
            answer += more
    except ConnectionError:
        pass
    peer.hang_up()
    return answer


def tokens(stage):
    """Good ones and bad ones, each with the claims."""
    good = stage.token(**CLAIMS)
    forged = stage.token(secret="y" * 40, **CLAIMS)
    expired = stage.token(exp=1000, **CLAIMS)
    return [good, forged, expired, good + "=", forged.upper()]


def requests(server, token):
    """The token by every way into the handshake."""
    def head(path="/whoami/here", **fields):
        return upgrade_head(server.port, path,
                            {name.replace("_", "-"): value for name, value in fields.items()})

    yield head(Authorization=f"Bearer {token}")
    yield head(Authorization=f"Basic {token}")
    yield head(Authorization=[f"Bearer {token}", f"Bearer {token}"])
    yield head(Cookie=f"theme={COOKIE}; access_token={token}")
    yield head(Cookie=f"access_token={token}; access_token={token}; a={COOKIE}")
    yield head(Sec_WebSocket_Protocol=f"tidegate.v1, bearer.{token}")
    yield head(Sec_WebSocket_Protocol=f"unknown, bearer.{token}")
    yield head(f"/whoami/here?access_token={token}&a=1")
    yield head(f"/nowhere/here?access_token={token}")
    yield head(f"/nowhere/{token}")
    yield head(Authorization=f"Bearer {token}", X_Tenant_Id="globex")
    yield head(Origin=f"https://{token}.example")
    yield head(traceparent=token)
    yield head(Authorization=f"Bearer {token}", Sec_WebSocket_Version="12")


def tricks(server):
    names = ["Host", "Origin", "X-Tenant-Id", "traceparent", "User-Agent", "Authorization",
             "Cookie", "Sec-WebSocket-Protocol", "Sec-WebSocket-Key", "X-Forwarded-For"]
    for octets in OCTETS:
        for name in names:
            yield upgrade_head(server.port, "/whoami/here", {name: f"a{octets}b"})
        yield upgrade_head(server.port, f"/{octets}")
        yield upgrade_head(server.port, f"/whoami/a{octets}b")
        yield upgrade_head(server.port, f"/whoami/here?a={octets}")
        yield upgrade_head(server.port, "/whoami/here", {f"X-{octets}": "a"})
        yield octets.encode("latin-1") + b" / HTTP/1.1\r\n\r\n"
    for text in ("%1b%5b31m", "%0d%0aX:%20y", "%00", "%ff", "%c2%9b"):
        yield upgrade_head(server.port, f"/whoami/{text}")
        yield upgrade_head(server.port, f"/life?name={text}&access_token={text}")


def is_clean(octets, allowed):
    return all(octet >= 32 and octet != 127 or octet in allowed for octet in octets)


async def play(stage):
    async with stage.server(auth_sources="header,cookie,subprotocol,query") as server:
        secrets = set(CLAIMS.values()) | {COOKIE}
        answers = []
        for token in tokens(stage):
            # A token's header is the same for all of its algorithm: no secret.
            secrets |= {token, *token.split(".")[1:]}
            for head in requests(server, token):
                answers.append(await octets_of(server, head))
        check(sum(b" 101 " in answer for answer in answers) > 3, "some were let in")
        check(sum(b" 401 " in answer for answer in answers) > 20, "others weren't")
        for head in tricks(server):
            answers.append(await octets_of(server, head))

        # On the socket: a first message, refreshes, handlers that fail, closes.
        server.allow_error("script failed")
        for token in tokens(stage):
            message = json.dumps({"event": "auth", "id": 1, "data": {"token": token}})
            peer = await stage.raw(server, "/doorbell")
            peer.send(frame(TEXT, message))
            answers.append((await peer.read_frame()).payload)
            peer.hang_up()
            good = {"Authorization": "Bearer " + tokens(stage)[0]}
            peer = await stage.raw(server, "/traced", headers=good)
            peer.send(frame(TEXT, message) + frame(TEXT, '{"event":"fail","id":2}') +
                      frame(TEXT, '{"event":"\x1b[31m\\u001b","id":"\\u001b[31m"}') +
                      frame(TEXT, f'{{"event":"{token}","id":4}}') +
                      frame(TEXT, '{"event":"log","id":5}'))
            got = b""
            while b'"id":5' not in got:
                got = (await peer.read_frame()).payload
                answers.append(got)
            peer.hang_up()
        last = await stage.client(server, "last", "/whoami/here")
        await last.leave()
        await server.log_says('"traced disconnect"', count=len(tokens(stage)))

        _, _, page = await server.admin("/metrics")
        for where, texts in (("log", server.lines), ("metrics", page.split("\n")),
                             ("answers", [one.decode("latin-1") for one in answers])):
            check(texts, f"there is something in the {where}")
            for text in texts:
                octets = text.encode("utf-8" if where == "log" else "latin-1", "replace")
                check(is_clean(octets, b"\r\n" if where == "answers" else b""),
                      f"a control octet in the {where}: {text!r}")
                for secret in secrets:
                    check(secret not in text, f"a secret in the {where}: {text!r}")
        stage.tell("answers", len(answers))
        stage.tell("lines", len(server.lines))
