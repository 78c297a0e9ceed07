"""Which attributes an IOD asks for, of which type (PS3.3 Annexes A and C, PS3.5 7.4).

The tables are those of the highdicom library, which makes them from PS3.3; see `compile`. They
hold no conditions and no enumerated values. Nothing is downloaded at run time.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

_WEAKEST_FIRST = ("None", "3", "2C", "1C", "2", "1")
_ABBREVIATIONS = frozenset(
    {
        *("ct", "mr", "sop", "voi", "lut", "dx", "xa", "xrf", "us", "nm"),
        *("pet", "rt", "sr", "vl", "sc", "ko", "ecg", "3d", "icc"),
    }
)
# Its table includes macros for one Value Type each, whose attributes are not all required; the
# content tree is judged by itself, see `report_content`.
_CONTENT_TREE = "sr-document-content"
# Type 2 only for some values of Image Type (PS3.3 C.8.4.11.1.1).
_SPECIALISED = {"FocalDistance": "2C"}
# Definitions that say of themselves that they override what a more general module has (PS3.3
# C.8.6.1, C.8.6.3); the tables cannot tell them from others.
_OVERRIDING = {
    ("sc-equipment", "Modality"): "3",
    ("sc-multi-frame-image", "FrameIncrementPointer"): "1C",
    ("encapsulated-document-series", "Modality"): "1",
}


@dataclass(frozen=True, slots=True)
class Attribute:
    """What a module says of one attribute: its type and the nodes its items are described by."""

    type: str
    module: str
    items: tuple[int, ...] = ()


@dataclass(frozen=True)
class Iod:
    """An information object definition (PS3.3 Annex A): its modules with their usage M, C or U."""

    name: str
    modules: tuple[tuple[str, str], ...]

    @property
    def title(self) -> str:
        """Its name as a person reads it."""
        return title(self.name)

    def has(self, module: str) -> bool:
        """Whether a module is mandatory in it."""
        return (module, "M") in self.modules

    @cached_property
    def attributes(self) -> dict[str, Attribute]:
        """The attributes of the mandatory modules; of several that name one, the strictest."""
        found: dict[str, Attribute] = {}
        for module, usage in self.modules:
            if usage != "M":
                continue
            for keyword, kind, _ in _rows_of(module):
                known = found.get(keyword)
                if known is None or stricter(kind, known.type):
                    found[keyword] = Attribute(kind, module)
        for (module, keyword), kind in _OVERRIDING.items():
            if self.has(module):
                found[keyword] = Attribute(kind, module)
        return found

    @cached_property
    def may_be_empty(self) -> frozenset[str]:
        """Attributes that some module of it, mandatory or not, lets have zero length."""
        return frozenset(
            keyword
            for module, _usage in self.modules
            for keyword, kind, _ in _rows_of(module)
            if kind not in ("1", "1C")
        )

    @cached_property
    def sequences(self) -> dict[str, tuple[int, ...]]:
        """What the items of each sequence are made of, in every module that has it."""
        found: dict[str, tuple[int, ...]] = {}
        for module, _usage in self.modules:
            for keyword, _kind, below in _rows_of(module):
                if below >= 0:
                    found[keyword] = (*found.get(keyword, ()), below)
        return found


@cache
def iod_of(sop_class: str) -> Iod | None:
    """The IOD of a composite storage SOP class; None for a private or unknown one."""
    tables = _tables()
    name = tables["sop_classes"].get(sop_class)
    if name is None:
        return None
    return Iod(name, tuple((module, usage) for module, usage in tables["iods"][name]))


@cache
def item_attributes(nodes: tuple[int, ...]) -> dict[str, Attribute]:
    """The attributes of an item; where modules differ, what every one of them asks for."""
    found: dict[str, Attribute] = {}
    levels = [{row[0]: row for row in _tables()["nodes"][node]} for node in nodes]
    for keyword in dict.fromkeys(each for level in levels for each in level):
        rows = [level[keyword] for level in levels if keyword in level]
        kinds = [row[1] for row in rows] + ["3"] * (len(levels) - len(rows))
        weakest = _SPECIALISED.get(keyword) or min(kinds, key=_WEAKEST_FIRST.index)
        below = tuple(row[2] for row in rows if row[2] >= 0)
        found[keyword] = Attribute(weakest, "", below)
    return found


def stricter(one: str, other: str) -> bool:
    """Whether a type asks for more than another."""
    return _WEAKEST_FIRST.index(one) > _WEAKEST_FIRST.index(other)


def edition() -> str:
    """Where the tables come from, for the report."""
    tables = _tables()
    return f"PS3.3 as in {tables['source']} {tables['version']} of {tables['date']}"


def title(name: str) -> str:
    """Name of a module or IOD in words: `general-study` is General Study."""
    words = name.split("-")
    return " ".join(w.upper() if w in _ABBREVIATIONS else w.capitalize() for w in words)


def _rows_of(module: str) -> list[tuple[str, str, int]]:
    node = _tables()["modules"].get(module)
    return [] if node is None or module == _CONTENT_TREE else _tables()["nodes"][node]


@cache
def _tables() -> dict[str, Any]:
    path = Path(__file__).with_name("tables.json.gz")
    found: dict[str, Any] = json.loads(gzip.decompress(path.read_bytes()))
    return found
