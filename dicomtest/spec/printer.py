"""What a printer claims: the part of a device profile that only printers have (PS3.4 Annex H)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from dicomtest.spec.base import Duration, Model, OneOrMore
from dicomtest.spec.words import wrong

Condition = Literal["NORMAL", "WARNING", "FAILURE"]
PrintDensity = Annotated[int, Field(ge=0, le=500)]


class PrinterCondition(Model):
    """Printer Status (2110,0010) and Printer Status Info (2110,0020)."""

    status: Condition = Field(default="NORMAL", description="NORMAL, WARNING or FAILURE.")
    info: str = Field(
        default="",
        max_length=16,
        description="Printer Status Info, such as SUPPLY LOW, FILM JAM (PS3.3 C.13.9.1).",
    )

    @property
    def said(self) -> str:
        """Printer Status Info as the printer says it."""
        return self.info or {"WARNING": "SUPPLY LOW", "FAILURE": "CHECK PRINTER"}.get(
            self.status, "NORMAL"
        )


def _fractions(value: tuple[float, ...]) -> tuple[float, ...]:
    if len(value) != 4 or not all(0 <= each <= 1 for each in value):
        what = "an image box needs left, top, width and height from 0 to 1"
        raise wrong(what, "write four fractions of the film, such as [0, 0, 0.5, 1]")
    return value


Rectangle = Annotated[tuple[float, ...], AfterValidator(_fractions)]


class Slides(Model):
    """The grid of the SLIDE and SUPERSLIDE formats."""

    columns: int = Field(default=4, ge=1, le=20, description="Slides side by side.")
    rows: int = Field(default=5, ge=1, le=20, description="Slides one below another.")


class Densities(Model):
    """The densities of a printer in hundredths of OD (PS3.3 C.13.3)."""

    lowest: PrintDensity = Field(default=20, description="Lowest Min Density it prints.")
    highest: PrintDensity = Field(default=300, description="Highest Max Density it prints.")
    known: bool = Field(
        default=True, description="Whether films are drawn by them and the GSDF (PS3.14)."
    )


class PrinterClaims(Model):
    """What a printer can do. The first of each list is what it takes when nothing is asked."""

    formats: tuple[str, ...] = Field(
        default=("STANDARD", "ROW", "COL", "SLIDE", "SUPERSLIDE", "CUSTOM"),
        description="Kinds of Image Display Format.",
    )
    max_boxes: int = Field(default=64, ge=1, le=400, description="Image boxes of a film at most.")
    slides: Slides = Field(default=Slides(), description="Grid of SLIDE.")
    superslides: Slides = Field(
        default=Slides(columns=3, rows=4), description="Grid of SUPERSLIDE."
    )
    custom: dict[int, tuple[Rectangle, ...]] = Field(
        default={}, description="CUSTOM formats: for each number the boxes, in fractions."
    )
    film_sizes: tuple[str, ...] = Field(default=("14INX17IN",), description="Film Size IDs.")
    media: tuple[str, ...] = Field(default=("BLUE FILM",), description="Medium Types.")
    destinations: tuple[str, ...] = Field(
        default=("MAGAZINE", "PROCESSOR"), description="Film Destinations."
    )
    magnification: tuple[str, ...] = Field(
        default=("BILINEAR", "CUBIC", "REPLICATE", "NONE"), description="Magnification Types."
    )
    smoothing: tuple[str, ...] = Field(default=(), description="Smoothing Types, for CUBIC.")
    resolutions: dict[str, int] = Field(
        default={"STANDARD": 300}, description="Requested Resolution ID to pixels an inch."
    )
    bits: Annotated[tuple[Literal[8, 12], ...], OneOrMore] = Field(
        default=(8, 12), description="Bits Stored of grayscale images."
    )
    planar: Annotated[tuple[Literal[0, 1], ...], OneOrMore] = Field(
        default=(1,),
        description="Planar Configurations of colour images; PS3.3 C.13.5 has 1 (by plane) only.",
    )
    densities: Densities = Field(default=Densities(), description="Optical densities.")
    annotations: dict[str, tuple[Literal["top", "bottom"], ...]] = Field(
        default={}, description="Annotation Display Format IDs with the places of their boxes."
    )
    memory: int | None = Field(
        default=None, ge=1, description="Memory for the images of a film in KB; none: no limit."
    )
    memory_allocation: bool = Field(
        default=False, description="Whether Memory Allocation (2000,0060) can be asked for."
    )
    max_copies: int = Field(default=99, ge=1, description="Number of Copies at most.")
    session_print: bool = Field(default=True, description="N-ACTION on the film session.")
    collation: bool = Field(
        default=True, description="Copies of a film session as 1234 1234; without, B601."
    )
    film_box_set: bool = Field(default=True, description="N-SET on the film box.")
    unsupported: Literal["refuse", "default"] = Field(
        default="refuse",
        description="Values it does not have: refuse (0106) or take the default (0116).",
    )
    queue: int = Field(default=100, ge=0, description="Print jobs it can hold.")
    printing: Duration = Field(default=0.0, description="How long a print job takes.")
    on_failure: Literal["hold", "fail", "refuse"] = Field(
        default="hold",
        description="Print jobs while it is in FAILURE: hold (PENDING), fail, or refuse (C602).",
    )
    condition: PrinterCondition = Field(
        default=PrinterCondition(), description="Its condition at the start."
    )
    serial: str = Field(default="", description="Device Serial Number.")
    software: str = Field(default="", description="Software Versions.")
