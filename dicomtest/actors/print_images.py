"""Images that a print client sets: what they must be, and whether they fit (PS3.4 H.4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from pydicom import Dataset

from dicomtest.actors.print_objects import FilmBox, ImageBox
from dicomtest.actors.print_values import INVALID, MISSING, Refused, Taken, value_of
from dicomtest.dicom.print.classes import COLOR_IMAGE_BOX, IMAGE_SEQUENCE_OF
from dicomtest.dicom.print.film import Lut, Picture
from dicomtest.dicom.print.formats import FILM_SIZES
from dicomtest.dicom.print.render import GAP_MM, INCH_MM, MARGIN_MM, STRIP_MM

if TYPE_CHECKING:
    from dicomtest.spec.printer import PrinterClaims

TOO_LARGE, CROPPED, DECIMATED, DEMAGNIFIED, NO_MEMORY = 0xC603, 0xB609, 0xB60A, 0xB604, 0xC605
NEEDED = ("SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns", "BitsAllocated",
          "BitsStored", "HighBit", "PixelRepresentation", "PixelData")  # fmt: skip


def sequence_of(dataset: Dataset, sop_class: str) -> Dataset | None:
    """The image to set; None when the box is to be erased. Raises Refused for none or many."""
    keyword = IMAGE_SEQUENCE_OF[sop_class]
    if keyword not in dataset:
        raise Refused(MISSING, f"{keyword} is needed", keyword)
    items = dataset[keyword].value or []
    if len(items) > 1:
        raise Refused(INVALID, f"{keyword} has {len(items)} items", keyword)
    return items[0] if items else None


def picture_of(item: Dataset, sop_class: str, claims: PrinterClaims) -> Picture:
    """Read an image; raises Refused for what PS3.3 C.13.5 does not allow."""
    for keyword in NEEDED:
        if value_of(item, keyword) in (None, ""):
            raise Refused(MISSING, f"{keyword} is needed", keyword)
    colour = sop_class == COLOR_IMAGE_BOX
    samples, bits = (3, 8) if colour else (1, int(item.BitsStored))
    allocated = 16 if bits > 8 else 8
    _demand(item, "SamplesPerPixel", (samples,))
    _demand(
        item, "PhotometricInterpretation", ("RGB",) if colour else ("MONOCHROME1", "MONOCHROME2")
    )
    _demand(item, "BitsStored", (8,) if colour else claims.bits)
    _demand(item, "BitsAllocated", (allocated,))
    _demand(item, "HighBit", (bits - 1,))
    _demand(item, "PixelRepresentation", (0,))
    planar = 0
    if colour:
        if value_of(item, "PlanarConfiguration") is None:
            raise Refused(MISSING, "PlanarConfiguration is needed", "PlanarConfiguration")
        _demand(item, "PlanarConfiguration", claims.planar)
        planar = int(item.PlanarConfiguration)
    rows, columns = int(item.Rows), int(item.Columns)
    size = rows * columns * samples
    data = bytes(item.PixelData)
    if not size or len(data) < size * allocated // 8:
        raise Refused(INVALID, "Pixel Data is shorter than Rows x Columns", "PixelData")
    flat = np.frombuffer(data, dtype="<u2" if allocated == 16 else "u1", count=size)
    by_pixel = (rows, columns, samples) if colour else (rows, columns)
    shape = (samples, rows, columns) if planar else by_pixel
    pixels = flat.reshape(shape).astype(np.uint16)
    if planar:
        pixels = np.moveaxis(pixels, 0, 2)
    return Picture(
        pixels=pixels,
        bits=bits,
        photometric="RGB" if colour else str(item.PhotometricInterpretation),
        aspect=_aspect(item),
    )


def _demand(item: Dataset, keyword: str, allowed: tuple[Any, ...]) -> None:
    value = item[keyword].value
    if value not in allowed:
        raise Refused(INVALID, f"{keyword} cannot be {value}", keyword)


def _aspect(item: Dataset) -> float:
    value = value_of(item, "PixelAspectRatio")
    try:
        vertical, horizontal = (float(each) for each in value)
        return vertical / horizontal if vertical > 0 and horizontal > 0 else 1.0
    except (TypeError, ValueError):
        return 1.0


def film_size_mm(box: FilmBox, claims: PrinterClaims) -> tuple[float, float]:
    """Width and height of the film as it is looked at."""
    name = str(box.values.get("FilmSizeID", claims.film_sizes[0]))
    width, height = FILM_SIZES.get(name, FILM_SIZES["14INX17IN"])
    landscape = box.values.get("FilmOrientation") == "LANDSCAPE"
    return (height, width) if landscape else (width, height)


def printable(box: FilmBox, image: ImageBox, claims: PrinterClaims) -> tuple[float, float, float]:
    """Width and height of an image box in mm, and pixels of the printer in a mm."""
    width, height = film_size_mm(box, claims)
    strips = sum(STRIP_MM for each in {each.place for each in box.annotations})
    cell = box.cells[image.position - 1]
    resolution = str(box.values.get("RequestedResolutionID", next(iter(claims.resolutions))))
    dpi = claims.resolutions.get(resolution, 300)
    return (
        cell.width * (width - 2 * MARGIN_MM) - 2 * GAP_MM,
        cell.height * (height - 2 * MARGIN_MM - strips) - 2 * GAP_MM,
        dpi / INCH_MM,
    )


def fit(
    box: FilmBox, image: ImageBox, picture: Picture, claims: PrinterClaims, taken: Taken
) -> float | None:
    """Give the width in mm in which to print; None: as large as the box (PS3.3 C.13.5).

    Warns with B604, B609 or B60A; raises Refused with C603 where it must not be made to fit.
    """
    width, height, per_mm = printable(box, image, claims)
    rows, columns = picture.pixels.shape[:2]
    magnification = taken.values.get(
        "MagnificationType", box.values.get("MagnificationType", claims.magnification[0])
    )
    own = columns / per_mm  # a pixel of the image for each of the printer
    wide = float(taken.values.get("RequestedImageSize", 0)) or None
    asked = wide or (own if magnification == "NONE" else None)
    too_large = columns > width * per_mm or rows * picture.aspect > height * per_mm
    if asked is not None:
        too_large = too_large or asked > width or asked * rows * picture.aspect / columns > height
    if not too_large:
        return asked
    behaviour = taken.values.get("RequestedDecimateCropBehavior")
    if behaviour == "CROP":
        taken.warn(CROPPED, "the image was cropped")
        return asked or own
    if behaviour == "FAIL" or magnification == "NONE":
        raise Refused(TOO_LARGE, "the image is larger than its box")
    if behaviour == "DECIMATE":
        taken.warn(DECIMATED, "the image was decimated")
    else:
        taken.warn(DEMAGNIFIED, "the image was demagnified")
    return None


def lut_of(dataset: Dataset) -> tuple[Lut, int | None]:
    """A Presentation LUT and the bits of the images it is for (PS3.4 H.4.9.2.1); raises Refused."""
    shape, table = (
        value_of(dataset, "PresentationLUTShape"),
        value_of(dataset, "PresentationLUTSequence"),
    )
    if shape in (None, "") and table in (None, ""):
        keyword = "PresentationLUTShape"
        raise Refused(MISSING, "neither Presentation LUT Shape nor Sequence", keyword)
    if shape not in (None, "") and table not in (None, ""):
        raise Refused(INVALID, "Presentation LUT Shape beside a Sequence", "PresentationLUTShape")
    if shape not in (None, ""):
        if str(shape) not in ("IDENTITY", "LIN OD"):
            raise Refused(INVALID, f"no shape {shape}", "PresentationLUTShape")
        return Lut(str(shape)), None
    if len(table) != 1:
        raise Refused(INVALID, "a sequence of one item is needed", "PresentationLUTSequence")
    return _table_of(table[0])


def _table_of(item: Dataset) -> tuple[Lut, int]:
    for keyword in ("LUTDescriptor", "LUTData"):
        if value_of(item, keyword) in (None, ""):
            raise Refused(MISSING, f"{keyword} is needed", keyword)
    try:
        entries, first, bits = (int(each) for each in item.LUTDescriptor)
    except (TypeError, ValueError):
        raise Refused(INVALID, "LUT Descriptor has not three values", "LUTDescriptor") from None
    if entries not in (256, 4096) or first != 0 or not 10 <= bits <= 16:
        raise Refused(INVALID, f"LUT Descriptor {entries}\\{first}\\{bits}", "LUTDescriptor")
    data = item["LUTData"].value
    if isinstance(data, bytes):
        values = np.frombuffer(data[: len(data) // 2 * 2], dtype="<u2")
    else:
        values = np.asarray(data if isinstance(data, (list, tuple)) else list(data), dtype=np.int64)
    if values.size != entries or int(values.max(initial=0)) >= 1 << bits:
        raise Refused(INVALID, f"LUT Data of {values.size} entries", "LUTData")
    table = tuple(int(each) for each in values)
    return Lut("", table, bits), 8 if entries == 256 else 12
