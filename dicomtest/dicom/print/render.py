"""Films as pictures: layout, polarity, Presentation LUT, densities, annotations, colour.

A grey film is drawn in densities and shown as a person sees it on a light box (or paper in room
light); the densities are kept, so that a patch can be measured as with a densitometer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dicomtest.dicom.print.film import BLACK, LIN_OD, WHITE, Lut, Picture, Sheet
from dicomtest.dicom.print.font import HEIGHT, text_mask
from dicomtest.dicom.print.formats import Cell
from dicomtest.dicom.print.gsdf import densities_of
from dicomtest.dicom.print.png import png_of
from dicomtest.dicom.print.resample import resample

Floats = NDArray[np.float64]

MARGIN_MM = 5.0  # of the film, not printed on
GAP_MM = 1.5  # between an image box and its cell's edge
STRIP_MM = 8.0  # of an annotation
INCH_MM = 25.4
DPI = 75.0
_LEVELS = 1024


@dataclass(frozen=True)
class Box:
    """A rectangle of pixels: first row and column, height and width."""

    top: int
    left: int
    height: int
    width: int

    def of(self, canvas: Floats) -> Floats:
        """What lies in it; drawing into it draws into the canvas."""
        return canvas[self.top : self.top + self.height, self.left : self.left + self.width]


@dataclass(frozen=True)
class Drawn:
    """A drawn film: as it looks, and its densities (a grey film of known densities)."""

    pixels: NDArray[np.uint8]  # rows x columns, or rows x columns x 3
    palette: NDArray[np.uint8] | None
    densities: Floats | None
    boxes: tuple[Box, ...]  # of the images, in the order of their positions
    dpi: float = DPI

    def png(self) -> bytes:
        """The film as a PNG file."""
        return png_of(self.pixels, palette=self.palette, dpi=self.dpi)

    def small_png(self, longest: int = 420) -> bytes:
        """The film as a smaller PNG, for a page of many."""
        rows, columns = self.pixels.shape[:2]
        factor = min(1.0, longest / max(rows, columns))
        size = max(1, round(rows * factor)), max(1, round(columns * factor))
        small = np.rint(resample(self.pixels.astype(np.float64), *size)).astype(np.uint8)
        return png_of(small, palette=self.palette)

    def density_at(self, box: int, x: float, y: float, reach: float = 0.01) -> float | None:
        """Density (OD) around a point of an image box, in fractions from its upper left corner."""
        if self.densities is None or not 0 <= box < len(self.boxes):
            return None
        area = self.boxes[box].of(self.densities)
        rows, columns = area.shape
        near = max(1, round(reach * min(rows, columns)))
        top, left = max(0, round(y * rows) - near), max(0, round(x * columns) - near)
        return float(np.median(area[top : top + 2 * near, left : left + 2 * near]))


def draw(sheet: Sheet, dpi: float = DPI) -> Drawn:
    """Draw a sheet at so many pixels an inch."""
    colour = any(each is not None and each.is_colour for each in sheet.pictures)
    width, height = (max(16, round(each / INCH_MM * dpi)) for each in sheet.size_mm)
    ink = _Colours(sheet) if colour else _Greys(sheet)
    canvas = np.empty((height, width, 3) if colour else (height, width))
    canvas[...] = ink.flat(sheet.border)
    boxes = tuple(_boxes(sheet, width, height, dpi))
    drawn = []
    for box, picture in zip(boxes, sheet.pictures, strict=True):
        if picture is None:
            box.of(canvas)[...] = ink.flat(sheet.empty)
            drawn.append(box)
        else:
            drawn.append(_place(canvas, box, picture, sheet, ink, dpi))
    if sheet.trim:
        for box in drawn:
            _frame(canvas, box, ink.contrast(sheet.border))
    _annotate(canvas, sheet, ink, dpi)
    return ink.finish(canvas, tuple(drawn), dpi)


def _boxes(sheet: Sheet, width: int, height: int, dpi: float) -> list[Box]:
    """The image boxes within the margins and the strips of the annotations."""
    margin, gap, strip = (each / INCH_MM * dpi for each in (MARGIN_MM, GAP_MM, STRIP_MM))
    top = margin + (strip if "top" in sheet.annotation_places else 0)
    bottom = margin + (strip if "bottom" in sheet.annotation_places else 0)
    inner_width, inner_height = width - 2 * margin, height - top - bottom

    def box(cell: Cell) -> Box:
        left = margin + cell.x * inner_width + gap
        upper = top + cell.y * inner_height + gap
        return Box(
            round(upper),
            round(left),
            max(1, round(cell.height * inner_height - 2 * gap)),
            max(1, round(cell.width * inner_width - 2 * gap)),
        )

    return [box(each) for each in sheet.cells]


def _place(
    canvas: Floats, box: Box, picture: Picture, sheet: Sheet, ink: _Greys | _Colours, dpi: float
) -> Box:
    """Draw a picture in the middle of its box, as large as it fits or as asked; say where."""
    area = box.of(canvas)
    rows, columns = picture.pixels.shape[:2]
    rows_wide = rows * picture.aspect
    scale = min(area.shape[0] / rows_wide, area.shape[1] / columns)
    if picture.width_mm:
        scale = picture.width_mm / INCH_MM * dpi / columns
    size = max(1, round(rows_wide * scale)), max(1, round(columns * scale))
    method = picture.magnification or sheet.magnification
    values = resample(picture.pixels.astype(np.float64), *size, method)
    values = np.clip(values, 0, 2**picture.bits - 1)
    high, wide = min(size[0], area.shape[0]), min(size[1], area.shape[1])
    values = values[(size[0] - high) // 2 :][:high, (size[1] - wide) // 2 :][:, :wide]
    top, left = (area.shape[0] - high) // 2, (area.shape[1] - wide) // 2
    area[top : top + high, left : left + wide] = ink.of(picture, values)
    return Box(box.top + top, box.left + left, high, wide)


def _frame(canvas: Floats, box: Box, value: Floats) -> None:
    top, left = max(0, box.top - 2), max(0, box.left - 2)
    bottom, right = box.top + box.height + 1, box.left + box.width + 1
    canvas[top, left : right + 1] = canvas[min(bottom, len(canvas) - 1), left : right + 1] = value
    canvas[top : bottom + 1, left] = value
    canvas[top : bottom + 1, min(right, canvas.shape[1] - 1)] = value


def _annotate(canvas: Floats, sheet: Sheet, ink: _Greys | _Colours, dpi: float) -> None:
    margin, strip = MARGIN_MM / INCH_MM * dpi, STRIP_MM / INCH_MM * dpi
    for where, text in sheet.annotations:
        if not text:
            continue
        scale = max(1, round(strip * 0.6 / HEIGHT))
        mask = text_mask(text, scale)
        top = margin if where == "top" else canvas.shape[0] - margin - strip * 0.8
        area = canvas[round(top) : round(top) + mask.shape[0], round(margin + 4) :]
        mask = mask[: area.shape[0], : area.shape[1]]
        area[: mask.shape[0], : mask.shape[1]][mask] = ink.contrast(sheet.border)


def p_values_of(values: Floats, bits: int, lut: Lut, *, dark_end: bool) -> Floats:
    """Input values to P-values from 0 (darkest) to 1; linear unless the LUT is a table.

    Polarity comes first, then the Presentation LUT (PS3.4 H.2.1.2).
    """
    highest = float(2**bits - 1)
    polar = values if dark_end else highest - values
    if not lut.table:
        return np.asarray(polar / highest)
    table = np.asarray(lut.table, dtype=np.float64) / (2**lut.bits - 1)
    return np.asarray(np.interp(polar, np.arange(table.size), table))


class _Greys:
    """Grey films, drawn in OD where the printer's densities are known, else in brightness."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.known = sheet.has_densities

    def _range(self, picture: Picture | None = None) -> tuple[float, float]:
        low, high = self.sheet.min_density or 0.0, self.sheet.max_density or 0.0
        if picture is not None:
            low = low if picture.min_density is None else picture.min_density
            high = high if picture.max_density is None else picture.max_density
        return low, max(high, low + 0.01)

    def flat(self, density: str) -> Floats:
        low, high = self._range()
        if not self.known:
            return np.float64({BLACK: 0.0, WHITE: 1.0}.get(density, 0.5))  # type: ignore[return-value]  # a scalar fills as an array does
        value = {BLACK: high, WHITE: low}.get(density)
        if value is None:
            value = float(density) / 100 if density.isdigit() else high
        return np.float64(min(max(value, low), high))  # type: ignore[return-value]  # as above

    def contrast(self, density: str) -> Floats:
        low, high = self._range()
        dark = self.flat(density) > (low + high) / 2 if self.known else self.flat(density) < 0.5
        return self.flat(WHITE if dark else BLACK)

    def of(self, picture: Picture, values: Floats) -> Floats:
        lut = picture.lut or self.sheet.lut
        p_values = p_values_of(values, picture.bits, lut, dark_end=picture.dark_end)
        if not self.known:
            return p_values
        low, high = self._range(picture)
        if lut.shape == LIN_OD and not lut.table:
            return np.asarray(high - p_values * (high - low))
        steps = np.linspace(0, 1, _LEVELS)
        return np.interp(p_values, steps, densities_of(steps, low, high, self.sheet.viewing))

    def finish(self, canvas: Floats, boxes: tuple[Box, ...], dpi: float) -> Drawn:
        bright = canvas
        if self.known:
            viewing = self.sheet.viewing
            bright = viewing.luminance(canvas) / float(viewing.luminance(self._range()[0]))
            bright = np.clip(bright, 0, 1) ** (1 / 2.2)
        pixels = np.rint(np.clip(bright, 0, 1) * 255).astype(np.uint8)
        palette = None
        if self.sheet.tint != (1.0, 1.0, 1.0):
            grey = np.arange(256)[:, np.newaxis] * np.asarray(self.sheet.tint)
            palette = np.rint(grey).astype(np.uint8)
        return Drawn(pixels, palette, canvas if self.known else None, boxes, dpi)


class _Colours:
    """Colour films, drawn in brightness of red, green and blue."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet

    def flat(self, density: str) -> Floats:
        value = {BLACK: 0.0, WHITE: 1.0}.get(density)
        if value is None:
            value = 10.0 ** (-(float(density) if density.isdigit() else 300.0) / 100 / 2.2)
        return np.full(3, value)

    def contrast(self, density: str) -> Floats:
        return np.full(3, 0.0 if float(self.flat(density)[0]) > 0.5 else 1.0)

    def of(self, picture: Picture, values: Floats) -> Floats:
        bright = p_values_of(values, picture.bits, Lut(), dark_end=picture.dark_end)
        return bright if picture.is_colour else np.repeat(bright[:, :, np.newaxis], 3, axis=2)

    def finish(self, canvas: Floats, boxes: tuple[Box, ...], dpi: float) -> Drawn:
        pixels = np.rint(np.clip(canvas, 0, 1) * 255).astype(np.uint8)
        return Drawn(pixels, None, None, boxes, dpi)
