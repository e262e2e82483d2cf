# SPDX-License-Identifier: MIT
"""Many clients race for few seats of two workers: the cap spans both, exactly as many get in, never
one more. The rest is as with one worker."""
from admission.exactly_the_cap_gets_in import race


async def play(stage):
    await race(stage, 2, ["/where", "/north", "/raw", "/life"])
