"""SOP classes of the Print Management Service Class and what they are made of (PS3.4 H.3)."""

from __future__ import annotations

GRAYSCALE_META = "1.2.840.10008.5.1.1.9"
COLOR_META = "1.2.840.10008.5.1.1.18"
FILM_SESSION = "1.2.840.10008.5.1.1.1"
FILM_BOX = "1.2.840.10008.5.1.1.2"
GRAYSCALE_IMAGE_BOX = "1.2.840.10008.5.1.1.4"
COLOR_IMAGE_BOX = "1.2.840.10008.5.1.1.4.1"
PRINTER = "1.2.840.10008.5.1.1.16"
PRINTER_INSTANCE = "1.2.840.10008.5.1.1.17"
PRINT_JOB = "1.2.840.10008.5.1.1.14"
ANNOTATION_BOX = "1.2.840.10008.5.1.1.15"
PRESENTATION_LUT = "1.2.840.10008.5.1.1.23"
PRINTER_CONFIGURATION = "1.2.840.10008.5.1.1.16.376"

META_CLASSES = (GRAYSCALE_META, COLOR_META)
IMAGE_BOXES = (GRAYSCALE_IMAGE_BOX, COLOR_IMAGE_BOX)
IMAGE_BOX_OF = {GRAYSCALE_META: GRAYSCALE_IMAGE_BOX, COLOR_META: COLOR_IMAGE_BOX}
IMAGE_SEQUENCE_OF = {
    GRAYSCALE_IMAGE_BOX: "BasicGrayscaleImageSequence",
    COLOR_IMAGE_BOX: "BasicColorImageSequence",
}
MEMBERS = {  # PS3.4 Tables H.3.2.2.1-1 and H.3.2.2.2-1
    meta: (FILM_SESSION, FILM_BOX, image_box, PRINTER) for meta, image_box in IMAGE_BOX_OF.items()
}
# Member classes that only a Meta SOP Class negotiates; Printer may also stand alone (PS3.4 H.3.1).
ONLY_IN_META = (FILM_SESSION, FILM_BOX, GRAYSCALE_IMAGE_BOX, COLOR_IMAGE_BOX)
OF_PRINTING = (*ONLY_IN_META, PRINTER, PRINT_JOB, ANNOTATION_BOX, PRESENTATION_LUT)

# (2100,0500) in the Action Reply; pydicom keeps the plain name for the retired (2120,0070)
PRINT_JOB_REFERENCE = "ReferencedPrintJobSequencePullStoredPrint"

PRINT = 1  # Action Type ID of "Print" (PS3.4 Tables H.4-4 and H.4-8)
PRINTER_EVENTS = {1: "NORMAL", 2: "WARNING", 3: "FAILURE"}  # PS3.4 H.4.6.2.1
JOB_EVENTS = {1: "PENDING", 2: "PRINTING", 3: "DONE", 4: "FAILURE"}  # PS3.4 H.4.5.2.1

NAMES = {
    FILM_SESSION: "film session",
    FILM_BOX: "film box",
    GRAYSCALE_IMAGE_BOX: "grayscale image box",
    COLOR_IMAGE_BOX: "color image box",
    PRINTER: "printer",
    PRINT_JOB: "print job",
    ANNOTATION_BOX: "annotation box",
    PRESENTATION_LUT: "Presentation LUT",
}


def name_of(sop_class: str) -> str:
    """A class in words, or its UID."""
    return NAMES.get(sop_class, sop_class)
