# SPDX-License-Identifier: MIT
"""The arithmetic of run.py: from the results of rounds to figures, ratios and tables. Pure."""
import statistics

BEGIN = "<!-- figures: begin (written by tests/bench/run.py --write) -->"
END = "<!-- figures: end -->"


def median_of(rounds, key):
    """The median of one member over all rounds."""
    return statistics.median(result[key] for result in rounds)


def spread_of(rounds, key):
    """Half the distance between the smallest and the largest value, as a part of the median."""
    values = [result[key] for result in rounds]
    middle = statistics.median(values)
    return (max(values) - min(values)) / 2 / middle if middle else 0.0


def ratio_to(rounds, peer_rounds, key):
    """The median of the ratios of results that were measured one after the other: what disturbs a
    round disturbs both sides of its ratio."""
    if len(rounds) != len(peer_rounds) or not rounds:
        raise ValueError("a ratio needs as many rounds of the peer, and at least one")
    return statistics.median(a[key] / b[key] for a, b in zip(rounds, peer_rounds))


def slope(few, few_cost, many, many_cost):
    """Cost per message, free of what start, connections and end cost."""
    if many <= few:
        raise ValueError("a slope needs two different counts, the smaller one first")
    return (many_cost - few_cost) / (many - few)


def share_of(cost, without):
    """What is added to the cost without it, as a share of that."""
    if without <= 0:
        raise ValueError("nothing to compare with")
    return cost / without - 1


def growth_per_connection(result):
    """Octets by which all of a server's processes grew for each open connection."""
    grown = sum(server["rss_open"] - server["rss_before"] for server in result["servers"])
    return grown / result["connections"]


def total_rss(result):
    """Resident octets of all of a server's processes with the connections open."""
    return sum(server["rss_open"] for server in result["servers"])


def foreign_share(busy_s, own_s, wall_s):
    """The part of a core's time that went to neither side of the measurement."""
    return max(0.0, busy_s - own_s) / wall_s


def callgrind_total(text):
    """The instructions that a callgrind.out file counts in all its parts."""
    totals = [int(line.split()[1]) for line in text.splitlines() if line.startswith("totals:")]
    if not totals:
        raise ValueError("not a callgrind.out file with a total")
    return sum(totals)


def number(value):
    """Three significant digits at least, thousands by commas."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.3g}"


def table(columns, rows):
    """A Markdown table; the first column is text, the others are right-aligned."""
    lines = ["| " + " | ".join(columns) + " |",
             "| --- " + "| ---: " * (len(columns) - 1) + "|"]
    for row in rows:
        cells = [cell if isinstance(cell, str) else number(cell) for cell in row]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def replace_figures(page, text):
    """The page with what stands between its two marks replaced."""
    if page.count(BEGIN) != 1 or page.count(END) != 1 or page.index(BEGIN) > page.index(END):
        raise ValueError("the page must have both marks, once and in order")
    head = page[:page.index(BEGIN) + len(BEGIN)]
    tail = page[page.index(END):]
    return head + "\n" + text.strip() + "\n" + tail
