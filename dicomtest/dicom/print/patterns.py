"""Test patterns to print, drawn here: in the manner of SMPTE RP 133 and of AAPM TG18-QC.

Values are P-values, 0 black to 1 white. `Pattern.patches` says where the grey steps lie, so that
their densities can be measured on the film.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dicomtest.dicom.print.font import ADVANCE, HEIGHT, draw_text, fitting_scale

Floats = NDArray[np.float64]

NAMES = ("smpte", "tg18", "text", "images", "colour-bars")
COLOURS = ("RED", "GREEN", "BLUE", "CYAN", "MAGENTA", "YELLOW", "WHITE", "BLACK")
_RGB = {
    "RED": (1, 0, 0), "GREEN": (0, 1, 0), "BLUE": (0, 0, 1), "CYAN": (0, 1, 1),
    "MAGENTA": (1, 0, 1), "YELLOW": (1, 1, 0), "WHITE": (1, 1, 1), "BLACK": (0, 0, 0),
}  # fmt: skip


@dataclass(frozen=True)
class Patch:
    """A field of one grey: its P-value, and its centre in fractions of the picture."""

    p_value: float
    x: float
    y: float


@dataclass(frozen=True)
class Pattern:
    """A picture to print and where its grey steps lie."""

    pixels: Floats  # rows x columns, or rows x columns x 3
    patches: tuple[Patch, ...] = field(default=())


def smpte(rows: int, columns: int) -> Pattern:
    """Grey steps of 10 %, fields of 5 % and 95 %, bars in the middle and the corners, a grid."""
    canvas = np.full((rows, columns), 0.5)
    unit = max(1, min(rows, columns) // 10)
    line = max(1, min(rows, columns) // 512)
    for number in range(1, 10):
        canvas[number * rows // 10 : number * rows // 10 + line] = 0.75
        canvas[:, number * columns // 10 : number * columns // 10 + line] = 0.75
    _border(canvas, line * 2, 1.0)
    levels = [number / 10 for number in range(11)]
    # round the middle, from the lower left, black to white
    ring = [(3, 6), (3, 5), (3, 4), (3, 3), (4, 3), (5, 3), (6, 3), (7, 3), (7, 4), (7, 5), (7, 6)]
    patches = []
    for level, (column, row) in zip(levels, ring, strict=True):
        patches.append(_field(canvas, column / 10, (row + 0.2) / 10, unit, level))
    for (base, inset), x in zip(((0.0, 0.05), (1.0, 0.95)), (0.42, 0.58), strict=True):
        _field(canvas, x, 0.7, unit, base)
        _field(canvas, x, 0.7, unit // 2, inset)
    corners = [(0.11, 0.11), (0.89, 0.11), (0.11, 0.89), (0.89, 0.89), (0.5, 0.5)]
    for x, y in corners:
        _bars(canvas, x, y, unit)
    canvas[round(0.82 * rows) : round(0.86 * rows), columns // 5 : columns * 4 // 5] = 0.0
    canvas[round(0.14 * rows) : round(0.18 * rows), columns // 5 : columns * 4 // 5] = 1.0
    _caption(canvas, "SMPTE-LIKE", 0.93)
    return Pattern(canvas, tuple(patches))


def tg18(rows: int, columns: int) -> Pattern:
    """Eighteen grey steps, ramps at both sides, letters of falling contrast, bars, a grid."""
    canvas = np.full((rows, columns), 0.4)
    line = max(1, min(rows, columns) // 512)
    for number in range(1, 12):
        canvas[number * rows // 12 : number * rows // 12 + line] = 0.6
        canvas[:, number * columns // 12 : number * columns // 12 + line] = 0.6
    _border(canvas, line * 2, 0.8)
    unit = max(1, min(rows, columns) // 11)
    places = [(0.2 + 0.12 * n, 0.2) for n in range(6)] + [(0.2 + 0.12 * n, 0.34) for n in range(6)]
    places += [(0.2 + 0.12 * n, 0.76) for n in range(6)]
    patches = []
    for number, (x, y) in enumerate(places):
        level = number / (len(places) - 1)
        patches.append(_field(canvas, x, y, unit, level))
        for shift, dx in ((0.03, -0.25), (-0.03, 0.25)):
            inset = min(max(level + shift, 0.0), 1.0)
            _field(canvas, x + dx * unit / columns, y - 0.32 * unit / rows, unit // 6, inset)
    ramp = np.linspace(1, 0, round(0.7 * rows))[:, np.newaxis]
    start = round(0.15 * rows)
    for left in (0.03, 0.92):
        canvas[
            start : start + len(ramp), round(left * columns) : round((left + 0.05) * columns)
        ] = ramp
    scale = fitting_scale("QUALITY CONTROL", columns // 2, rows // 20)
    for row, base in enumerate((0.0, 0.5, 1.0)):
        top = round((0.44 + 0.08 * row) * rows)
        left = columns // 4
        canvas[
            top - 2 * scale : top + (HEIGHT + 2) * scale, left - 2 * scale : left + columns // 2
        ] = base
        for number, letter in enumerate("QUALITY CONTROL"):
            step = 0.12 * 0.8**number
            value = base + step if base < 1 else base - step
            draw_text(canvas, letter, left=left + number * ADVANCE * scale, top=top, scale=scale,
                      value=value)  # fmt: skip
    for x, y in ((0.12, 0.1), (0.88, 0.1), (0.12, 0.9), (0.88, 0.9), (0.5, 0.9)):
        _bars(canvas, x, y, unit)
    _caption(canvas, "TG18-LIKE", 0.06)
    return Pattern(canvas, tuple(patches))


def text_page(rows: int, columns: int, lines: tuple[str, ...]) -> Pattern:
    """Lines of text, black on white, in falling sizes, the same again white on black."""
    canvas = np.ones((rows, columns))
    half = rows // 2
    canvas[half:] = 0.0
    longest = max((len(each) for each in lines), default=1)
    largest = max(1, columns * 9 // 10 // (longest * ADVANCE))
    for start, value in ((0, 0.0), (half, 1.0)):
        top = start + rows // 40
        for scale in dict.fromkeys((largest, max(1, largest * 2 // 3), max(1, largest // 2), 1)):
            for each in lines:
                if top + (HEIGHT + 2) * scale > start + half:
                    break
                draw_text(canvas, each, left=columns // 20, top=top, scale=scale, value=value)
                top += (HEIGHT + 3) * scale
            top += 3 * scale
    return Pattern(canvas)


def colour_bars(rows: int, columns: int) -> Pattern:
    """Eight bars with their colours' names on them, and a ramp of each primary below."""
    canvas = np.ones((rows, columns, 3))
    width = columns / len(COLOURS)
    upper = round(rows * 0.6)
    for number, name in enumerate(COLOURS):
        left, right = round(number * width), round((number + 1) * width)
        canvas[:upper, left:right] = _RGB[name]
        bright = sum(_RGB[name]) > 1 or name == "GREEN"
        scale = fitting_scale(name, round(width * 0.9), rows // 12)
        draw_text(canvas, name, left=left + round(width * 0.05), top=rows // 20, scale=scale,
                  value=0.0 if bright else 1.0)  # fmt: skip
    ramp = np.linspace(0, 1, columns)
    for number in range(3):
        top = upper + round(rows * (0.02 + 0.12 * number))
        area = canvas[top : top + round(rows * 0.1)]
        area[...] = 0.0
        area[..., number] = ramp
    return Pattern(canvas)


def stored(pattern: Pattern, bits: int, *, inverse: bool = False) -> NDArray[np.uint16]:
    """The pattern as stored values of so many bits; `inverse` for MONOCHROME1."""
    highest = 2**bits - 1
    values = np.rint(np.clip(pattern.pixels, 0, 1) * highest)
    return np.asarray(highest - values if inverse else values).astype(np.uint16)


def _field(canvas: Floats, x: float, y: float, size: int, value: float) -> Patch:
    rows, columns = canvas.shape[:2]
    top, left = round(y * rows) - size // 2, round(x * columns) - size // 2
    canvas[max(0, top) : top + size, max(0, left) : left + size] = value
    return Patch(value, (left + size / 2) / columns, (top + size / 2) / rows)


def _bars(canvas: Floats, x: float, y: float, size: int) -> None:
    """Line pairs one, two and three pixels wide, upright and lying."""
    rows, columns = canvas.shape[:2]
    top, left = round(y * rows) - size // 2, round(x * columns) - size // 2
    half = max(1, size // 2)
    third = max(1, math.ceil(size / 3))
    index = np.arange(third)
    for number in range(3):
        lines = (index // (number + 1)) % 2
        begin = number * third
        upright = canvas[top : top + half, left + begin : left + begin + third]
        upright[...] = lines[np.newaxis, : upright.shape[1]]
        lying = canvas[top + half : top + size, left + begin : left + begin + third]
        again = (np.arange(lying.shape[0]) // (number + 1)) % 2
        lying[...] = again[:, np.newaxis]


def _border(canvas: Floats, width: int, value: float) -> None:
    canvas[:width] = canvas[-width:] = value
    canvas[:, :width] = canvas[:, -width:] = value


def _caption(canvas: Floats, text: str, y: float) -> None:
    rows, columns = canvas.shape[:2]
    scale = fitting_scale(text, columns // 3, rows // 24)
    width = len(text) * ADVANCE * scale
    left, top = (columns - width) // 2, round(y * rows)
    canvas[
        max(0, top - 2 * scale) : top + (HEIGHT + 2) * scale, left - 2 * scale : left + width
    ] = 0.0
    draw_text(canvas, text, left=left, top=top, scale=scale, value=1.0)
