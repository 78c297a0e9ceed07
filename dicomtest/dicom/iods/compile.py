"""Makes `tables.json.gz` from the tables of the highdicom library (MIT), for a new edition.

    python -m dicomtest.dicom.iods.compile FOLDER VERSION DATE

FOLDER is `highdicom/_standard` of an unpacked wheel, VERSION and DATE are those of its release.
Nothing of highdicom is needed at run time: its wheel holds 23 MB of tables, these are 60 KB.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("tables.json.gz")

Row = tuple[str, str, int]
"""Keyword, type (1, 1C, 2, 2C, 3), and the node of its items, or -1."""
Tree = dict[str, tuple[str, "Tree"]]


def compiled(
    sop_classes: Mapping[str, str],
    iods: Mapping[str, Iterable[Mapping[str, str]]],
    modules: Mapping[str, Iterable[Mapping[str, Any]]],
    *,
    version: str,
    date: str,
) -> dict[str, Any]:
    """The tables in a compact form: equal lists of attributes are kept once, as `nodes`."""
    kept: dict[tuple[Row, ...], int] = {}
    used = {each["key"] for one in iods.values() for each in one}
    return {
        "source": "highdicom",
        "version": version,
        "date": date,
        "sop_classes": dict(sorted(sop_classes.items())),
        "iods": {
            name: [[each["key"], each["usage"]] for each in one]
            for name, one in sorted(iods.items())
        },
        "modules": {
            name: _node(_tree(rows), kept) for name, rows in sorted(modules.items()) if name in used
        },
        "nodes": [list(each) for each in kept],
    }


def _tree(rows: Iterable[Mapping[str, Any]]) -> Tree:
    root: Tree = {}
    for row in rows:
        level = root
        for keyword in row["path"]:
            level = level.setdefault(keyword, ("3", {}))[1]
        keyword, kind = row["keyword"], str(row["type"])
        known = level.get(keyword)
        # Stands twice in a table where two macros have it: the first is what holds.
        level[keyword] = (known[0] if known else kind, known[1] if known else {})
    return root


def _node(tree: Tree, kept: dict[tuple[Row, ...], int]) -> int:
    rows = tuple(
        (keyword, kind, _node(below, kept) if below else -1)
        for keyword, (kind, below) in tree.items()
    )
    return kept.setdefault(rows, len(kept))


def main(folder: str, version: str, date: str) -> None:
    """Write the tables."""
    names = ("sop_class_iod_map", "iod_module_map", "module_attribute_map")
    read = [json.loads((Path(folder) / f"{each}.json").read_bytes()) for each in names]
    text = json.dumps(compiled(*read, version=version, date=date), separators=(",", ":"))
    TARGET.write_bytes(gzip.compress(text.encode(), mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
