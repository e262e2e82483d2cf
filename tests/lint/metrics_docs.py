#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The tables of docs/operations.md are made from the .def files: this writes them between their
marks, or with --check says whether they are what it would write."""

import re

import tree

MARK = re.compile(r"(<!-- (?P<name>\S+) -->\n).*?(<!-- end -->)", re.DOTALL)
FAMILIES = (  # table, series, help: as src/hub/counter.c makes them
    ("close_reason", "ws_closed_total", "Connections that ended, by reason."),
    ("refusal", "ws_handshakes_refused_total", "Handshakes that were refused, by reason."),
    ("ignored", "ws_messages_ignored_total", "Messages that reached no handler, by reason."),
)


def arguments(text):
    """Splits the arguments of one macro call; adjacent string literals become one."""
    parts = re.findall(r'((?:"(?:[^"\\]|\\.)*"\s*)+)|([^,"\s]+)|,', text)
    values = []
    for literal, word in parts:
        if literal:
            quoted = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literal))
            values.append(re.sub(r"\\(.)", r"\1", quoted))
        elif word:
            values.append(word)
    return values


def rows(path, macro):
    """The arguments of each macro call in a .def file."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    calls = re.findall(macro + r'\(((?:[^()"]|"(?:[^"\\]|\\.)*")*)\)', text)
    if len(calls) != len(re.findall(rf"^{macro}\(", text, re.MULTILINE)):
        raise ValueError(f"{path}: a row is written in a way this can't read")
    return [arguments(call) for call in calls]


def table(head, lines):
    out = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    out += ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join(out) + "\n"


def series(hub):
    lines = [(f"`{name}`", kind.lower(), text)
             for _, name, kind, text in rows(hub / "counter.def", "TG_COUNTER")]
    lines += [(f"`{name}{{reason}}`", "counter", text) for _, name, text in FAMILIES]
    return table(("series", "kind", "meaning"), lines)


def close_reasons(hub):
    return table(("reason", "close code", "counts as error", "text"),
                 [(f"`{label}`", code if code != "0" else "-",
                   "yes" if is_error == "true" else "no", text or "-")
                  for _, label, code, is_error, text in rows(hub / "close_reason.def",
                                                             "TG_CLOSE_REASON")])


def refusals(hub):
    return table(("reason", "status", "body"),
                 [(f"`{label}`", status, body)
                  for _, label, status, body in rows(hub / "refusal.def", "TG_REFUSAL")])


def ignored(hub):
    return table(("reason", "answered, when it bears an id, with"),
                 [(f"`{label}`", f"`{code}`")
                  for _, label, code in rows(hub / "ignored.def", "TG_IGNORED")])


def main():
    options = tree.parser(__doc__)
    options.add_argument("--check", action="store_true")
    arguments_ = options.parse_args()
    hub = arguments_.root / "src/hub"
    tables = {"metrics": series(hub), "close-reasons": close_reasons(hub),
              "refusals": refusals(hub), "ignored": ignored(hub)}
    page = arguments_.root / "docs/operations.md"
    old = page.read_text()
    faults = [f"docs/operations.md:1: the table {name} has no place"
              for name in tables if f"<!-- {name} -->" not in old]
    new = MARK.sub(lambda match: match[1] + tables[match["name"]] + match[3], old)
    if not arguments_.check:
        page.write_text(new)
    elif new != old:
        faults.append("docs/operations.md:1: tables are out of date: "
                      "run tests/lint/metrics_docs.py")
    tree.finish(len(tables), faults)


if __name__ == "__main__":
    main()
