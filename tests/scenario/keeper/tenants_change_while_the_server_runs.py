# SPDX-License-Identifier: MIT
"""The tenants file is edited in place, replaced by a rename and by the swap of a link: what it says
then holds within a second. One that is broken or gone leaves what was, is told with file and line,
and counted."""
import os
import tempfile

from kept import let_in, replace, shut_out, write
from stage import check, equal

FAILURES = 'tidegate_document_failures_total{document="tenants"}'


async def by_editing(stage, server, path):
    alices = [await stage.client(server, "alice", "/tenants", tenant="acme") for _ in range(8)]
    equal(await alices[0].data("whoami"), {"id": "acme", "name": "Acme"}, "alice's tenant")
    await stage.refuses(403, server, "/tenants", tenant="old")
    await stage.refuses(403, server, "/tenants", tenant="new")
    write(path, 'return { acme = { suspended = true }, new = { name = "New" } }\n')
    for alice in alices:
        await alice.is_closed(4003, within=1)
    await shut_out(stage, server, 403, "/tenants", tenant="acme")
    bob = await let_in(stage, server, "/tenants", tenant="new")
    equal((await bob.data("whoami"))["name"], "New", "bob's tenant")
    return bob


async def by_a_fault(stage, server, path, bob):
    write(path, 'return {\n  acme = { nam = "Acme" },\n}\n')
    line = await server.log_says(r"document can't be read", within=2)
    check("tenants.lua:2: acme.nam: unknown field; did you mean name?" in line, line)
    await server.metric_becomes(FAILURES, 1)
    equal((await bob.data("whoami"))["name"], "New", "bob's tenant")
    await stage.refuses(403, server, "/tenants", tenant="acme")
    write(path, 'while true do end\n')
    await server.log_says(r"tenants.lua:1: the file runs for too long", within=5)
    replace(path, 'return { acme = {}, new = { name = "Newer" } }\n')
    await let_in(stage, server, "/tenants", tenant="acme")
    bob = await stage.client(server, "bob", "/tenants", tenant="new")
    equal((await bob.data("whoami"))["name"], "Newer", "bob's tenant")


async def by_links(stage, server, path):
    os.unlink(path)
    await server.log_says(r"cannot be opened: No such file", within=2)
    await stage.client(server, "alice", "/tenants", tenant="acme")
    folder = os.path.dirname(path)
    for name in ("one", "two"):
        os.mkdir(os.path.join(folder, name))
        write(os.path.join(folder, name, "tenants.lua"), f"return {{ {name} = {{}} }}\n")
    os.symlink("one", os.path.join(folder, "data"))
    os.symlink("data/tenants.lua", path)
    await let_in(stage, server, "/tenants", tenant="one")
    os.symlink("two", os.path.join(folder, "swap"))
    os.rename(os.path.join(folder, "swap"), os.path.join(folder, "data"))
    await let_in(stage, server, "/tenants", tenant="two")
    await shut_out(stage, server, 403, "/tenants", tenant="one")
    equal(await server.metric(FAILURES), 3, "failures")


async def play(stage):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tenants.lua")
        write(path, 'return { acme = { name = "Acme" }, old = { suspended = true } }\n')
        async with stage.server(tenants_file=path) as server:
            server.allow_error("document can't be read")
            bob = await by_editing(stage, server, path)
            await by_a_fault(stage, server, path, bob)
            await by_links(stage, server, path)
