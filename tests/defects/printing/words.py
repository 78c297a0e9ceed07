"""UIDs and words of PS3.4 Annex H, written down once more for these tests alone."""

from __future__ import annotations

import re

from pydicom import Dataset

VERIFICATION = "1.2.840.10008.1.1"
GRAYSCALE_META, COLOR_META = "1.2.840.10008.5.1.1.9", "1.2.840.10008.5.1.1.18"
FILM_SESSION, FILM_BOX = "1.2.840.10008.5.1.1.1", "1.2.840.10008.5.1.1.2"
GRAY_BOX, COLOR_BOX = "1.2.840.10008.5.1.1.4", "1.2.840.10008.5.1.1.4.1"
PRINTER, PRINTER_INSTANCE = "1.2.840.10008.5.1.1.16", "1.2.840.10008.5.1.1.17"
PRINT_JOB, ANNOTATION_BOX = "1.2.840.10008.5.1.1.14", "1.2.840.10008.5.1.1.15"
PRESENTATION_LUT = "1.2.840.10008.5.1.1.23"
BOX_OF_META = {GRAYSCALE_META: GRAY_BOX, COLOR_META: COLOR_BOX}
IMAGE_SEQUENCE = {GRAY_BOX: "BasicGrayscaleImageSequence", COLOR_BOX: "BasicColorImageSequence"}
IMAGE_ITEM = ("SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns", "BitsAllocated",
              "BitsStored", "HighBit", "PixelRepresentation", "PixelData")  # fmt: skip
JOB_REFERENCE = "ReferencedPrintJobSequencePullStoredPrint"  # pydicom's keyword of (2100,0500)


def boxes_of(display: str) -> int:
    """How many image boxes a format has; 0 for what is no format."""
    kind, _, rest = display.partition("\\")
    if kind in ("SLIDE", "SUPERSLIDE") and not rest:
        return 20
    if kind not in ("STANDARD", "ROW", "COL", "CUSTOM") or not re.fullmatch(r"[\d,]+", rest):
        return 0
    counts = [int(each) for each in rest.split(",")]
    if kind == "STANDARD" and len(counts) != 2:
        return 0
    if kind == "CUSTOM":
        return 3
    return counts[0] * counts[1] if kind == "STANDARD" else sum(counts)


def reference(sop_class: str, uid: str) -> Dataset:
    """An item that names an instance."""
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, uid
    return item
