"""Image Display Formats: how many image boxes a film has and where they lie (PS3.3 C.13.3, C.13.5).

STANDARD\\C,R names columns first. Positions count from 1: by rows, except COL, by columns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

KINDS = ("STANDARD", "ROW", "COL", "SLIDE", "SUPERSLIDE", "CUSTOM")
_COUNTS = re.compile(r"[1-9][0-9]{0,2}(?:,[1-9][0-9]{0,2})*")


@dataclass(frozen=True)
class DisplayFormat:
    """An Image Display Format (2010,0010), taken apart."""

    kind: str
    counts: tuple[int, ...] = ()

    def __str__(self) -> str:
        """As it is written in the attribute."""
        numbers = ",".join(map(str, self.counts))
        return f"{self.kind}\\{numbers}" if numbers else self.kind

    @property
    def boxes(self) -> int | None:
        """How many image boxes it has; None where the printer alone knows."""
        if self.kind == "STANDARD":
            return self.counts[0] * self.counts[1]
        return sum(self.counts) if self.kind in ("ROW", "COL") else None


@dataclass(frozen=True)
class Cell:
    """Where an image box lies, in fractions of the printable area, from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


def parse_format(text: str) -> DisplayFormat:
    """Take an Image Display Format apart; raises ValueError in words for what is none."""
    kind, backslash, numbers = text.strip(" ").partition("\\")
    if kind not in KINDS:
        raise ValueError(f"{text!r} is no Image Display Format: {', '.join(KINDS)} are")
    if kind in ("SLIDE", "SUPERSLIDE"):
        if backslash:
            raise ValueError(f"{kind} has no numbers behind it, found {text!r}")
        return DisplayFormat(kind)
    if not _COUNTS.fullmatch(numbers):
        raise ValueError(f"{kind} needs whole numbers behind a backslash, found {text!r}")
    counts = tuple(int(each) for each in numbers.split(","))
    wanted = {"STANDARD": 2, "CUSTOM": 1}.get(kind)
    if wanted is not None and len(counts) != wanted:
        raise ValueError(f"{kind} has {wanted} number(s) behind it, found {text!r}")
    return DisplayFormat(kind, counts)


def format_cells(
    display: DisplayFormat,
    *,
    slides: tuple[int, int] = (4, 5),
    custom: Mapping[int, Sequence[Cell]] | None = None,
) -> list[Cell]:
    """The image boxes in the order of their positions.

    `slides` are columns and rows of a printer's SLIDE formats, `custom` its CUSTOM ones.
    Raises ValueError for a CUSTOM format the printer does not have.
    """
    if display.kind == "CUSTOM":
        cells = (custom or {}).get(display.counts[0])
        if not cells:
            raise ValueError(f"this printer has no format {display}")
        return list(cells)
    if display.kind == "ROW":
        return _rows(display.counts)
    if display.kind == "COL":
        return [Cell(each.y, each.x, each.height, each.width) for each in _rows(display.counts)]
    columns, rows = display.counts if display.kind == "STANDARD" else slides
    return _rows((columns,) * rows)


def _rows(counts: Sequence[int]) -> list[Cell]:
    height = 1 / len(counts)
    return [
        Cell(number / count, row * height, 1 / count, height)
        for row, count in enumerate(counts)
        for number in range(count)
    ]


# Width and height in mm as a portrait film lies (PS3.3 C.13.3; 10INX14IN is 25.7 x 36.4 cm there).
_INCH = 25.4
FILM_SIZES: dict[str, tuple[float, float]] = {
    "8INX10IN": (8 * _INCH, 10 * _INCH),
    "8_5INX11IN": (8.5 * _INCH, 11 * _INCH),
    "10INX12IN": (10 * _INCH, 12 * _INCH),
    "10INX14IN": (257.0, 364.0),
    "11INX14IN": (11 * _INCH, 14 * _INCH),
    "11INX17IN": (11 * _INCH, 17 * _INCH),
    "14INX14IN": (14 * _INCH, 14 * _INCH),
    "14INX17IN": (14 * _INCH, 17 * _INCH),
    "24CMX24CM": (240.0, 240.0),
    "24CMX30CM": (240.0, 300.0),
    "A4": (210.0, 297.0),
    "A3": (297.0, 420.0),
}
