"""What lives in a print association: film session, film boxes, image boxes, LUTs, jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dicomtest.dicom.print.film import Lut, Picture
from dicomtest.dicom.print.formats import Cell, DisplayFormat


@dataclass
class PresentationLut:
    """A Presentation LUT SOP Instance."""

    uid: str
    lut: Lut
    bits: int | None = None  # of the images it is for; None: any


@dataclass
class ImageBox:
    """One image box of a film box; `picture` None: nothing was set, or it was erased."""

    uid: str
    sop_class: str
    position: int
    values: dict[str, Any] = field(default_factory=dict)
    picture: Picture | None = None
    kilobytes: int = 0


@dataclass
class AnnotationBox:
    """One annotation box of a film box."""

    uid: str
    position: int
    place: str
    text: str = ""


@dataclass
class FilmBox:
    """A film box and everything below it."""

    uid: str
    display: DisplayFormat
    cells: tuple[Cell, ...]
    values: dict[str, Any] = field(default_factory=dict)
    images: list[ImageBox] = field(default_factory=list)
    annotations: list[AnnotationBox] = field(default_factory=list)
    lut: PresentationLut | None = None
    printed: bool = False

    @property
    def empty(self) -> bool:
        """Whether no image box holds an image."""
        return not any(each.picture is not None for each in self.images)

    @property
    def is_colour(self) -> bool:
        """Whether an image of it has colours."""
        return any(each.picture is not None and each.picture.is_colour for each in self.images)


@dataclass
class FilmSession:
    """A film session with its film boxes, the last one created at the end."""

    uid: str
    values: dict[str, Any] = field(default_factory=dict)
    boxes: list[FilmBox] = field(default_factory=list)

    @property
    def copies(self) -> int:
        """Number of Copies."""
        return int(self.values.get("NumberOfCopies", 1))


@dataclass
class PrintJob:
    """A Print Job SOP Instance (PS3.3 C.13.8)."""

    uid: str
    number: int
    originator: str
    label: str = ""
    priority: str = "MED"
    status: str = "PENDING"
    info: str = "QUEUED"
    created: float = 0.0
    films: list[int] = field(default_factory=list)  # numbers of the films it printed


@dataclass(frozen=True)
class PrintedFilm:
    """A film that came out of the printer: its pictures on disk and what it is, as JSON."""

    number: int
    path: str
    small: str
    facts: dict[str, Any]
