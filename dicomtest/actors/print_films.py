"""Films that come out of a simulated printer: what is on them, and how they look."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dicomtest.actors.print_images import film_size_mm
from dicomtest.actors.print_objects import FilmBox, FilmSession, PrintedFilm
from dicomtest.dicom.print.film import Lut, Sheet
from dicomtest.dicom.print.gsdf import FILM_VIEWING, PAPER_VIEWING, Viewing
from dicomtest.dicom.print.render import Drawn, draw

if TYPE_CHECKING:
    from dicomtest.spec.printer import PrinterClaims

_TINTS = {"BLUE FILM": (0.86, 0.93, 1.0), "MAMMO BLUE FILM": (0.86, 0.93, 1.0)}
_PAPER = "PAPER"
_PAPER_DENSITIES = (0.05, 2.0)  # OD, of white paper and of the blackest ink


def sheet_of(box: FilmBox, session: FilmSession, claims: PrinterClaims) -> Sheet:
    """What a film box looks like on the medium of its session."""
    values = box.values
    medium = str(session.values.get("MediumType", claims.media[0]))
    low, high = _densities(values, medium, claims)
    return Sheet(
        size_mm=film_size_mm(box, claims),
        cells=box.cells,
        pictures=tuple(each.picture for each in box.images),
        lut=box.lut.lut if box.lut else Lut(),
        magnification=str(values.get("MagnificationType", claims.magnification[0])),
        border=str(values.get("BorderDensity", "WHITE" if medium == _PAPER else "BLACK")),
        empty=str(values.get("EmptyImageDensity", "WHITE" if medium == _PAPER else "BLACK")),
        trim=values.get("Trim") == "YES",
        min_density=low if claims.densities.known else None,
        max_density=high if claims.densities.known else None,
        viewing=_viewing(values, medium),
        tint=_TINTS.get(medium, (1.0, 1.0, 1.0)),
        annotations=tuple((each.place, each.text) for each in box.annotations),
        annotation_places=tuple(each.place for each in box.annotations),
    )


def _densities(values: dict[str, Any], medium: str, claims: PrinterClaims) -> tuple[float, float]:
    low = int(values.get("MinDensity", claims.densities.lowest)) / 100
    high = int(values.get("MaxDensity", claims.densities.highest)) / 100
    if medium == _PAPER:
        low = low if "MinDensity" in values else _PAPER_DENSITIES[0]
        high = min(high, _PAPER_DENSITIES[1])
    return low, high


def _viewing(values: dict[str, Any], medium: str) -> Viewing:
    usual = PAPER_VIEWING if medium == _PAPER else FILM_VIEWING
    return Viewing(
        float(values.get("Illumination", usual.illumination)),
        float(values.get("ReflectedAmbientLight", usual.ambient)),
        usual.reflective,
    )


def print_film(
    box: FilmBox,
    session: FilmSession,
    claims: PrinterClaims,
    folder: Path,
    number: int,
    by: str,
) -> tuple[PrintedFilm, Drawn]:
    """Draw a film, write it to a folder and say what it is."""
    sheet = sheet_of(box, session, claims)
    drawn = draw(sheet)
    folder.mkdir(parents=True, exist_ok=True)
    path, small = folder / f"film-{number:03}.png", folder / f"film-{number:03}-small.png"
    path.write_bytes(drawn.png())
    small.write_bytes(drawn.small_png())
    images = [each for each in box.images if each.picture is not None]
    facts: dict[str, Any] = {
        "film_box": box.uid,
        "by": by,
        "at": time.time(),
        "format": str(box.display),
        "size": str(box.values.get("FilmSizeID", claims.film_sizes[0])),
        "orientation": str(box.values.get("FilmOrientation", "PORTRAIT")),
        "medium": str(session.values.get("MediumType", claims.media[0])),
        "destination": str(session.values.get("FilmDestination", claims.destinations[0])),
        "copies": session.copies,
        "label": str(session.values.get("FilmSessionLabel", "")),
        "boxes": len(box.images),
        "images": len(images),
        "positions": [each.position for each in images],
        "colour": box.is_colour,
        "bits": sorted({each.picture.bits for each in images if each.picture}),
        "presentation_lut": _lut_in_words(sheet.lut) if box.lut else "",
        "annotations": [each.text for each in box.annotations if each.text],
        "min_density": sheet.min_density,
        "max_density": sheet.max_density,
        "illumination": sheet.viewing.illumination,
        "ambient": sheet.viewing.ambient,
        "reflective": sheet.viewing.reflective,
        "width": int(drawn.pixels.shape[1]),
        "height": int(drawn.pixels.shape[0]),
    }
    return PrintedFilm(number, str(path), str(small), facts), drawn


def _lut_in_words(lut: Lut) -> str:
    return lut.shape or f"table of {len(lut.table)} entries"
