# SPDX-License-Identifier: MIT
"""What is wrong with the configuration is said with file, line and key, the nearest real key for an
unknown one, and what was expected for a bad value; nothing is started."""
import os
import tempfile

from server import SPECIAL, run_once
from stage import check, equal

# text of tidegate.lua, what the message must hold
FILES = [
    ('limits = {\n  max_conections = 5,\n}\n', [":2:", "max_conections", "limits.max_connections"]),
    ('limits = { ping_interval = "25" }\n', [":1:", "limits.ping_interval", "250ms", '"25"']),
    ('\n\nlimits = { outbound_bytes = "lots" }\n', [":3:", "limits.outbound_bytes"]),
    ('limits = { max_connections = -1 }\n', [":1:", "limits.max_connections"]),
    ('limits = { max_connections = 1000001 }\n', [":1:", "limits.max_connections"]),
    ('lissten = "127.0.0.1:1"\n', [":1:", "lissten", "listen"]),
    ('log = { level = "loud" }\n', ["log.level", "warn"]),
    ('log = { level = "info"\n', ["tidegate.lua:"]),
    ('local x = nil\nlocal y = x.z\n', [":2:"]),
    ('while true do end\n', ["tidegate.lua"]),
    ('limits = { max_connections = function() end }\n', [":1:", "limits.max_connections"]),
    ('auth = { keys = { { secret = env "NO_SUCH_VARIABLE_HERE" } } }\n',
     [":1:", "NO_SUCH_VARIABLE_HERE"]),
    ('limits = { ping_interval = "30s", idle_timeout = "10s" }\n', ["idle_timeout"]),
    ('limits = { retry_after_min = "30s", retry_after_max = "5s" }\n', ["retry_after"]),
    ('os.execute("true")\n', [":1:"]),
]
# settings by environment, flags, exit code, what the message must hold
OTHERS = [
    ({}, ["--max-conections", "5"], 2, ["--max-conections", "--max-connections"]),
    ({}, ["--max-connections", "many"], 2, ["max_connections", "many"]),
    ({}, ["--max-connections"], 2, ["--max-connections"]),
    ({}, ["--listen", "127.0.0.1"], 2, ["listen", "127.0.0.1"]),
    ({"max_conections": 5}, [], 1, ["TIDEGATE_MAX_CONECTIONS", "TIDEGATE_MAX_CONNECTIONS"]),
    ({"idle_timeout": "soon"}, [], 1, ["soon"]),
    ({"auth_secret": "too short to be a key"}, [], 1, ["auth.keys[1].secret"]),
    ({}, ["--config", "/nowhere/tidegate.lua"], 1, ["/nowhere/tidegate.lua"]),
    ({}, ["--gateways", "/nowhere/gateways"], 1, ["/nowhere/gateways"]),
]


async def play(stage):
    common = ["--listen", "127.0.0.1:0", "--admin", "off"]
    for text, words in FILES:
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "tidegate.lua"), "w", encoding="utf-8") as file:
                file.write(text)
            code, out, err = await run_once(["serve", "--gateways", SPECIAL, *common], cwd=folder)
            equal(code, 2, f"exit code for {text!r}: {err}")
            equal(out, "", "standard output")
            for word in words:
                check(word in err, f"{word!r} is in the message for {text!r}: {err}")
            check("ready" not in err, "nothing was served")
    for settings, flags, wanted, words in OTHERS:
        gateways = [] if "--gateways" in flags else ["--gateways", SPECIAL]
        code, _, err = await run_once(["serve", *gateways, *common, *flags], settings)
        check(code in (1, 2), f"exit code for {settings} {flags}: {code}")
        if flags and flags[0].startswith("--max-con"):
            equal(code, wanted, f"exit code for {flags}: {err}")
        for word in words:
            check(word in err, f"{word!r} is in the message for {settings} {flags}: {err}")
        check("too short" not in err, "no secret is shown")
    stage.tell("cases", len(FILES) + len(OTHERS))
