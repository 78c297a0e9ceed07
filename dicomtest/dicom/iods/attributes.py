"""Whether an object has the attributes of its IOD (PS3.5 7.4, PS3.3).

Judged are the mandatory modules, and the items of every sequence that is there. Attributes of
user optional and conditional modules are not: nothing in an object says that it has the module.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from pydicom.datadict import tag_for_keyword

from dicomtest.dicom.iods.conditions import required
from dicomtest.dicom.iods.level import Fault, Level
from dicomtest.dicom.iods.tables import Attribute, Iod, item_attributes, title

# Their items hold functional group macros, which may stand in either of the two (PS3.3 C.7.6.16).
FUNCTIONAL_GROUPS = frozenset(
    {"SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"}
)
# Conditional attributes of user optional modules, of which the object shows that they are needed.
COMPANIONS = {
    "WindowWidth": Attribute("1C", "voi-lut"),
    "RescaleSlope": Attribute("1C", "modality-lut"),
}


@dataclass
class Presence:
    """What is missing, and which conditions could be evaluated."""

    type_1: list[Fault] = field(default_factory=list)
    type_2: list[Fault] = field(default_factory=list)
    conditional: list[Fault] = field(default_factory=list)
    evaluated: int = 0
    not_evaluated: set[str] = field(default_factory=set)


def presence(top: Level, iod: Iod) -> Presence:
    """Look for everything that the IOD asks for."""
    found = Presence()
    _examine(top, top, {**COMPANIONS, **iod.attributes}, found, iod)
    for keyword, nodes in iod.sequences.items():
        for item in top.below(keyword):
            _item(item, top, nodes, found, iod, free=keyword in FUNCTIONAL_GROUPS)
    return found


def _item(
    item: Level, top: Level, nodes: tuple[int, ...], found: Presence, iod: Iod, *, free: bool
) -> None:
    attributes = item_attributes(nodes)
    if not free:
        _examine(item, top, attributes, found, iod)
    for keyword, attribute in attributes.items():
        if attribute.items and tag_for_keyword(keyword) is not None:
            for each in item.below(keyword):
                _item(each, top, attribute.items, found, iod, free=False)


def _examine(
    level: Level, top: Level, attributes: dict[str, Attribute], found: Presence, iod: Iod
) -> None:
    for keyword, attribute in attributes.items():
        kind = attribute.type
        if kind not in ("1", "1C", "2", "2C") or tag_for_keyword(keyword) is None:
            continue
        if kind.endswith("C"):
            loose = not level.path and keyword in iod.may_be_empty
            if kind == "1C" and level.has(keyword) and not level.filled(keyword) and not loose:
                found.evaluated += 1
                where = f"{level.path}{keyword}"
                found.conditional.append(Fault(where, "a value or absent: Type 1C", "empty"))
                continue
            needed = required(keyword, level, top, iod, attributes)
            if needed is None:
                found.not_evaluated.add(keyword)
                continue
            found.evaluated += 1
            if not needed:
                continue
        target = found.conditional if kind.endswith("C") else (
            found.type_1 if kind == "1" else found.type_2
        )  # fmt: skip
        target.extend(_missing(level, keyword, kind, attribute.module))


def _missing(level: Level, keyword: str, kind: str, module: str) -> Iterator[Fault]:
    of = f" ({title(module)} Module)" if module else ""
    where = f"{level.path}{keyword}"
    if not level.has(keyword):
        what = "a value" if kind.startswith("1") else "present, if only empty"
        yield Fault(where, f"{what}: Type {kind}{of}", "absent")
    elif kind.startswith("1") and not level.filled(keyword):
        yield Fault(where, f"a value: Type {kind}{of}", "empty")
