# SPDX-License-Identifier: MIT
"""The control socket is a file for its owner alone, there as long as the server is. Whoever
connects and is silent, sends nonsense or doesn't read holds up nobody: workers, their supervisor
and others who ask go on. What a server that was killed left behind is replaced; a second server at
the same place says so and doesn't start."""
import asyncio
import os
import signal
import stat

import folders
from server import Failed, run_once
from stage import check, equal


async def hostile(path, octets):
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(octets)
    return reader, writer


async def ask_all_at_once(server, count):
    answers = await asyncio.gather(*(server.ask("status json", within=5) for _ in range(count)),
                                   return_exceptions=True)
    return [one for one in answers if not isinstance(one, BaseException) and one[0] == "ok"]


async def abuse(stage, server):
    """Silent ones hold all places but one; that one serves on."""
    alice = await stage.client(server, "alice", "/echo")
    held = [await hostile(server.control_path, octets)
            for octets in (b"", b"sta", b"reload", b"x" * 1023, b"\0\0", b"status json\n",
                           b"status text\n")]
    check(await ask_all_at_once(server, 1), "the last place answers")
    for _ in range(20):
        equal(await alice.data("words"), "first", "meanwhile")
    # All are let go of at their deadlines.
    for reader, writer in held[:5]:
        await stage.within(8, reader.read(), "the end of a silent one")
        writer.close()
    equal(len(await ask_all_at_once(server, 5)), 5, "five who ask at once")
    for line in ("", "status", "reload ../x", "rollback", "x" * 2000, "remove a\0b"):
        first, text = await server.ask(line, within=5)
        check(first.startswith("error: ") and text == "", f"{line!r} is answered {first!r}")
    for _, writer in held:
        writer.close()


async def play(stage):
    with folders.root("echo") as root:
        async with stage.server(gateways=root.path) as server:
            path = server.control_path
            found = os.lstat(path)
            check(stat.S_ISSOCK(found.st_mode), "it is a socket")
            equal((stat.S_IMODE(found.st_mode), found.st_uid), (0o600, os.geteuid()), "its mode")
            await abuse(stage, server)
            code, _, err = await run_once(
                ["serve", "--gateways", root.path, "--listen", "127.0.0.1:0", "--admin", "off",
                 "--socket", path])
            equal(code, 1, "a second server at the same place")
            check("another server is running there" in err and path in err, f"it says {err!r}")
            code, out, err = await run_once(["status", "--socket", path])
            equal((code, err), (0, ""), "tidegate status")
            check(out.startswith(f"1 gateway of {root.path}, pid {server.pid}\n"), out)
            check("\necho " in out and " /echo " in out and " live " in out, out)
            os.kill(server.pid, signal.SIGKILL)
            server.expected_exit = -signal.SIGKILL
            await server.process.wait()
        await after_a_kill(stage, root)


async def after_a_kill(stage, root):
    path = root.path + ".sock"
    for ends_well in (False, True):
        async with stage.server(gateways=root.path, deploy_socket=path) as server:
            equal((await server.gateway("echo"))["counter"], 1, "it answers")
            if not ends_well:
                os.kill(server.pid, signal.SIGKILL)
                server.expected_exit = -signal.SIGKILL
                await server.process.wait()
        equal(os.path.exists(path), not ends_well, "whether the file is still there")
    code, out, err = await run_once(["status", "--socket", path])
    equal((code, out), (1, ""), "tidegate status when nobody serves")
    check("no server answers at " + path in err, err)
    async with stage.server(gateways=root.path, deploy_socket="off") as server:
        try:
            await server.ask("status json", within=2)
            raise Failed("somebody answers although it is off")
        except (FileNotFoundError, ConnectionRefusedError):
            pass
