# SPDX-License-Identifier: MIT
"""A port that somebody else listens on: the message names it, exit code 1, nothing is served. Two
servers never share a port by accident."""
import socket

from server import SPECIAL, run_once
from stage import check, equal


async def play(stage):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        for listen, admin in [(address, "off"), ("127.0.0.1:0", address)]:
            code, _, err = await run_once(["serve", "--gateways", SPECIAL, "--listen", listen,
                                           "--admin", admin])
            equal(code, 1, "exit code")
            check(address in err and "in use" in err, f"the message: {err}")
            check('"ready"' not in err, "nothing was served")
    # Its sockets share the port among its workers, but with nobody else.
    for workers in (1, 2):
        async with stage.server(workers=workers) as server:
            code, _, err = await run_once(["serve", "--gateways", SPECIAL, "--admin", "off",
                                           "--listen", f"127.0.0.1:{server.port}"])
            equal(code, 1, "exit code beside another server")
            check("in use" in err, f"the message: {err}")
