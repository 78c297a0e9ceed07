"""Who talks to whom: the layout of the site map."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import atan2, degrees
from typing import Any

WIDE, HIGH = 168, 76  # of a box, in SVG user units
COLUMNS, ROWS = 310, 160  # from one place to the next
# Where each actor stands: orders come from above, images go to the right.
PLACES = {
    "ris": (1, 0),
    "modality": (0, 1),
    "pacs": (2, 1),
    "digitizer": (0, 2),
    "workstation": (1, 2),
    "printer": (2, 2),
}


@dataclass(frozen=True)
class Box:
    """One actor; x and y are those of its centre."""

    actor: str
    x: int
    y: int
    simulated: bool
    title: str
    ae_title: str


@dataclass
class Line:
    """What two actors had to do with each other; `there` and `back` are kinds of steps."""

    one: Box
    other: Box
    there: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    trouble: bool = False

    @property
    def ends(self) -> tuple[float, float, float, float]:
        """x1, y1, x2, y2 on the borders of the boxes."""
        x1, y1 = _border(self.one, self.other)
        x2, y2 = _border(self.other, self.one)
        return x1, y1, x2, y2

    @property
    def angle(self) -> float:
        """Degrees by which it is turned from pointing right, clockwise."""
        x1, y1, x2, y2 = self.ends
        return degrees(atan2(y2 - y1, x2 - x1))

    @property
    def label(self) -> tuple[float, float]:
        """Where its words stand: nearer to the first box than half, so that crossings stay free."""
        x1, y1, x2, y2 = self.ends
        part = 0.5 if self.one.y == self.other.y else 0.42
        return x1 + (x2 - x1) * part, y1 + (y2 - y1) * part


@dataclass(frozen=True)
class SiteMap:
    """Boxes and lines."""

    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    width: int
    height: int
    wide: int = WIDE
    high: int = HIGH


def site_map(record: Mapping[str, Any]) -> SiteMap | None:
    """The map of a record; None when it names no actor."""
    casting = record.get("casting") or {}
    if not casting:
        return None
    boxes = _boxes(casting)
    lines: dict[frozenset[str], Line] = {}
    troubled = {
        (str(each.get("scenario")), str(each.get("step")))
        for each in record.get("checks") or ()
        if each.get("outcome") == "failed"
    }
    for step in record.get("steps") or ():
        scu, scp = str(step.get("scu") or ""), str(step.get("scp") or "")
        if scu not in boxes or scp not in boxes or scu == scp or not step.get("associations"):
            continue
        line = lines.setdefault(frozenset((scu, scp)), Line(boxes[scu], boxes[scp]))
        kinds = line.there if line.one.actor == scu else line.back
        kind = str(step.get("kind", ""))
        if kind not in kinds:
            kinds.append(kind)
        line.trouble |= (str(step.get("scenario")), str(step.get("step"))) in troubled
    width = max(each.x for each in boxes.values()) + WIDE // 2 + 10
    height = max(each.y for each in boxes.values()) + HIGH // 2 + 10
    return SiteMap(tuple(boxes.values()), tuple(lines.values()), width, height)


def _boxes(casting: Mapping[str, Mapping[str, Any]]) -> dict[str, Box]:
    spare = iter((number % 3, 3 + number // 3) for number in range(len(casting)))
    cells = {name: PLACES.get(name) or next(spare) for name in casting}
    columns = {each: at for at, each in enumerate(sorted({x for x, _ in cells.values()}))}
    rows = {each: at for at, each in enumerate(sorted({y for _, y in cells.values()}))}
    found = {}
    for name, player in casting.items():
        x, y = cells[name]
        product = [str(player[key]) for key in ("product", "version") if player.get(key)]
        found[name] = Box(
            name,
            columns[x] * COLUMNS + WIDE // 2 + 10,
            rows[y] * ROWS + HIGH // 2 + 10,
            bool(player.get("simulated")),
            " ".join(product) or str(player.get("profile") or ""),
            str(player.get("ae_title") or ""),
        )
    return found


def _border(box: Box, towards: Box) -> tuple[float, float]:
    """Where the line between two centres leaves a box."""
    across, down = towards.x - box.x, towards.y - box.y
    parts = [abs(size / 2 / way) for size, way in ((WIDE + 8, across), (HIGH + 8, down)) if way]
    part = min(parts, default=0.0)
    return box.x + across * part, box.y + down * part
