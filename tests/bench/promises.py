# SPDX-License-Identifier: MIT
"""What the figures have to show, and whether they do. A figure that was not measured, since its
case was not run or failed or its peer is not here, is told as such and never taken for kept."""

# name: (what it is, its bound, whether it may be at most or has to be at least that)
PROMISES = {
    "echo_depth_1_to_nginx_lua": ("JSON echo, depth 1, to nginx-lua", 1.4, "least"),
    "echo_depth_1_to_bare": ("JSON echo, depth 1, to bare", 0.87, "least"),
    "echo_depth_1_p99_to_bare": ("its p99, to bare", 1.3, "most"),
    "echo_depth_16_to_nginx_lua": ("JSON echo, depth 16, to nginx-lua", 8, "least"),
    "echo_depth_16_to_ws": ("JSON echo, depth 16, to ws", 10, "least"),
    "echo_depth_16_to_bare": ("JSON echo, depth 16, to bare", 0.4, "least"),
    "echo_instructions": ("instructions per JSON echo, depth 16", 5500, "most"),
    "relay_instructions": ("instructions per relay of raw text, depth 16", 2000, "most"),
    "delivery_instructions": ("instructions per delivery of a broadcast", 400, "most"),
    "broadcast_to_ws": ("broadcast to 1,000, 8 in flight, to ws", 7, "least"),
    "broadcast_5000_to_bare": ("broadcast to 5,000, 1 in flight, to bare", 0.85, "least"),
    "two_workers_to_one": ("echo of two workers on both cores, to one", 0.95, "least"),
    "across_workers_ms": ("a publish reaches all of another worker's room, ms", 1, "most"),
    "idle_plain_bytes": ("octets per idle connection", 2560, "most"),
    "idle_tls_bytes": ("octets per idle connection with TLS", 20480, "most"),
    "pinged_cpu_ms_per_second": ("CPU ms/s of 10,000 pinged every 30 s", 10, "most"),
    "text_16_kib_to_bare": ("text of 16 KiB through a raw gateway, to bare", 0.85, "least"),
    "text_256_kib_to_ws": ("text of 256 KiB through a raw gateway, to ws", 1.5, "least"),
    "slow_readers_p99_ratio": ("p99 of a broadcast with slow readers, to without", 1.3, "most"),
    "slow_readers_gone_s": ("the last slow reader is gone after, s", 11, "most"),
    "slow_readers_queue_messages": ("messages in the fullest queue", 256, "most"),
    "slow_readers_queue_bytes": ("octets in the fullest queue", 1048576, "most"),
}


class Ledger:
    """What was measured of what is promised."""

    def __init__(self):
        self._values = {}

    def note(self, name, value):
        if name not in PROMISES:
            raise ValueError(f"{name} is not promised")
        self._values[name] = value

    def judged(self):
        """Each promise: its value or None, its bound, which kind, whether it is kept."""
        judged = {}
        for name, (_, bound, kind) in PROMISES.items():
            value = self._values.get(name)
            is_kept = value is not None and (value >= bound if kind == "least" else value <= bound)
            judged[name] = {"value": value, "at_" + kind: bound, "is_kept": is_kept}
        return judged

    def summary(self):
        """How many are kept, and which were not measured, in one sentence."""
        judged = self.judged()
        kept = sum(judgement["is_kept"] for judgement in judged.values())
        open_ones = [PROMISES[name][0] for name in judged if name not in self._values]
        return (f"Kept: {kept} of {len(judged)}."
                + (f" Not measured: {'; '.join(open_ones)}." if open_ones else ""))

    def rows(self):
        """For the page: those that were measured."""
        rows = []
        for name, judgement in self.judged().items():
            what, bound, kind = PROMISES[name]
            if judgement["value"] is not None:
                rows.append([what, judgement["value"], f"at {kind} {bound:,}",
                             "yes" if judgement["is_kept"] else "**no**"])
        return rows
