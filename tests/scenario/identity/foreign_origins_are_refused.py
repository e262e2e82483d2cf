# SPDX-License-Identifier: MIT
"""A page of another site can't connect where origins are not named: only the same origin, or no
origin at all. Named origins are compared whole; "*" lets in any."""


async def play(stage):
    async with stage.server() as server:
        own = f"http://127.0.0.1:{server.port}"
        foreign = ["https://evil.example", "null", own + ".evil.example",
                   f"http://127.0.0.1@evil.example:{server.port}", "https://app.example:8443",
                   "https://app.example.evil.example", "http://app.example",
                   "https://app.example/"]
        for origin in foreign:
            await stage.refuses(403, server, "/north", origin=origin)
            await stage.refuses(403, server, "/origins", origin=origin)
            await (await stage.client(server, "page", "/anywhere", origin=origin)).leave()
        await stage.refuses(403, server, "/north", origin="https://app.example")
        await (await stage.client(server, "page", "/north", origin=own)).leave()
        for same in ("https://app.example", "https://APP.example", "https://app.example:443"):
            await (await stage.client(server, "page", "/origins", origin=same)).leave()
        await (await stage.client(server, "no page", "/origins")).leave()
        stage.tell("origins", len(foreign))
