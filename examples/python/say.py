#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Says something in the chat's lobby, and prints the answer and the message as it came back.
Needs Debian's python3-websockets."""

import argparse
import asyncio
import json
import sys

import websockets

SECONDS = 5  # for all of it


async def say(url, text):
    """The answer to our request and what the room, we among it, received."""
    answer = heard = None
    async with websockets.connect(url, subprotocols=["tidegate.v1"]) as socket:
        request = {"event": "message::send", "data": {"text": text}, "id": 1}
        await socket.send(json.dumps(request))
        while answer is None or heard is None:
            message = json.loads(await socket.recv())
            if message.get("id") == request["id"]:
                answer = message
            elif message.get("event") == "message::receive" and message["data"]["text"] == text:
                heard = message
            if answer and "error" in answer:
                break
    return answer, heard


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("text")
    options.add_argument("--url", default="ws://127.0.0.1:8080/chat")
    arguments = options.parse_args()
    try:
        answer, heard = asyncio.run(
            asyncio.wait_for(say(arguments.url, arguments.text), SECONDS))
    except asyncio.TimeoutError:
        sys.exit(f"no answer within {SECONDS} s from {arguments.url}")
    except (OSError, websockets.WebSocketException) as problem:
        sys.exit(f"{arguments.url}: {problem}")
    print("answer: ", json.dumps(answer))
    if heard is None:
        sys.exit(1)
    print("message:", json.dumps(heard))


if __name__ == "__main__":
    main()
