#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""The include order of src/LAYERS: a folder includes itself and folders on earlier lines, never
one on its own line or later. "." is src itself. Every folder of src stands in LAYERS."""

import tree


def read_layers(path):
    """Folder -> number of its line."""
    layers = {}
    rank = 0
    for line in path.read_text().splitlines():
        names = line.split("#")[0].split()
        rank += 1 if names else 0
        layers.update({name: rank for name in names})
    return layers


def main():
    root = tree.parser(__doc__).parse_args().root
    src = root / "src"
    layers = read_layers(src / "LAYERS")
    faults = []
    paths = tree.files(root, ".c", ".h", ".def", below="src")
    for folder in sorted({path.parent.relative_to(src).as_posix() for path in paths}):
        if folder not in layers:
            faults.append(f"src/LAYERS:1: folder {folder} is not listed")
            layers[folder] = 0
    for path in paths:
        folder = path.parent.relative_to(src).as_posix()
        for line, is_foreign, name in tree.includes(path):
            if is_foreign:
                continue
            where = f"{path.relative_to(root)}:{line}"
            target = name.rpartition("/")[0] or "."
            if not (src / name).is_file():
                faults.append(f"{where}: {name} is no file below src")
            elif target != folder and layers.get(target, 99) >= layers[folder]:
                faults.append(f"{where}: {folder} must not include {name}")
    tree.finish(len(paths), faults)


if __name__ == "__main__":
    main()
