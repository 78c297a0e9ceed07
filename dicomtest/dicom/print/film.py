"""A film as a printer has it when it is told to print: what to draw, and with what densities."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dicomtest.dicom.print.formats import Cell
from dicomtest.dicom.print.gsdf import FILM_VIEWING, Viewing

IDENTITY, LIN_OD = "IDENTITY", "LIN OD"
BLACK, WHITE = "BLACK", "WHITE"


@dataclass(frozen=True)
class Lut:
    """A Presentation LUT: a shape, or a table of P-values with that many bits (PS3.3 C.11.4)."""

    shape: str = IDENTITY
    table: tuple[int, ...] = ()
    bits: int = 0


@dataclass(frozen=True)
class Picture:
    """The image of one image box, with what was asked for it (PS3.3 C.13.5)."""

    pixels: NDArray[np.uint16]  # rows x columns, or rows x columns x 3
    bits: int  # Bits Stored
    photometric: str = "MONOCHROME2"
    polarity: str = "NORMAL"
    aspect: float = 1.0  # height of a pixel divided by its width
    magnification: str = ""  # "": the film box's
    width_mm: float | None = None  # None: as large as its box; beyond it, the image is cropped
    lut: Lut | None = None  # None: the film box's
    min_density: float | None = None  # OD; None: the film box's
    max_density: float | None = None

    @property
    def is_colour(self) -> bool:
        """Whether it has three samples a pixel."""
        return self.pixels.ndim == 3

    @property
    def dark_end(self) -> bool:
        """Whether the lowest value is to be the darkest on the film."""
        return (self.photometric == "MONOCHROME1") == (self.polarity == "REVERSE")


@dataclass(frozen=True)
class Sheet:
    """One film or sheet of paper with everything on it."""

    size_mm: tuple[float, float]  # width, height as it is looked at
    cells: tuple[Cell, ...]
    pictures: tuple[Picture | None, ...]  # one for each cell
    lut: Lut = field(default_factory=Lut)
    magnification: str = "BILINEAR"
    border: str = BLACK  # BLACK, WHITE or hundredths of OD
    empty: str = BLACK
    trim: bool = False
    min_density: float | None = None  # OD; None: a printer without known densities
    max_density: float | None = None
    viewing: Viewing = FILM_VIEWING
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)  # of the bare medium
    annotations: tuple[tuple[str, str], ...] = ()  # (where, text); where: top or bottom
    annotation_places: tuple[str, ...] = ()  # places kept free, with or without text

    @property
    def has_densities(self) -> bool:
        """Whether its greys are known as densities."""
        return self.min_density is not None and self.max_density is not None
