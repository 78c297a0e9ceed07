"""Reports: Basic Text, Enhanced and Comprehensive SR (PS3.3 A.35.1 to A.35.3)."""

from __future__ import annotations

from pydicom import Dataset
from pydicom.uid import BasicTextSRStorage, ComprehensiveSRStorage, EnhancedSRStorage

from dicomtest.dicom.objects.registry import Make, kind
from dicomtest.dicom.objects.sr_content import (
    CONTEXT,
    INFERRED,
    MODIFIER,
    SELECTED,
    Concept,
    by_reference,
    coded,
    container,
    coordinates,
    header,
    instance,
    language,
    num,
    person_observer,
    root,
    text,
    uid_reference,
)
from dicomtest.dicom.objects.study import related_uid

DIAGNOSTIC_IMAGING_REPORT = ("18748-4", "LN", "Diagnostic Imaging Report")
HISTORY_SECTION = ("11329-0", "LN", "History")
FINDINGS = ("59776-5", "LN", "Findings")
IMPRESSIONS = ("19005-8", "LN", "Impressions")
HISTORY = ("11329-0", "LN", "History")
FINDING = ("121071", "DCM", "Finding")
IMPRESSION = ("121073", "DCM", "Impression")
BEST_ILLUSTRATION = ("121080", "DCM", "Best illustration of finding")
LENGTH = ("410668003", "SCT", "Length")
MILLIMETRE = ("mm", "mm")

IMAGING_MEASUREMENT_REPORT = ("126000", "DCM", "Imaging Measurement Report")
PROCEDURE_REPORTED = ("121058", "DCM", "Procedure reported")
PLAIN_RADIOGRAPHY = ("168537006", "SCT", "Plain radiography")
COMPUTED_TOMOGRAPHY = ("77477000", "SCT", "Computed tomography")
IMAGING_PROCEDURE = ("363679005", "SCT", "Imaging procedure")
PROCEDURES = {"CT": COMPUTED_TOMOGRAPHY, "CR": PLAIN_RADIOGRAPHY, "DX": PLAIN_RADIOGRAPHY}
IMAGE_LIBRARY = ("111028", "DCM", "Image Library")
IMAGE_LIBRARY_GROUP = ("126200", "DCM", "Image Library Group")
IMAGING_MEASUREMENTS = ("126010", "DCM", "Imaging Measurements")
MEASUREMENT_GROUP = ("125007", "DCM", "Measurement Group")
TRACKING_IDENTIFIER = ("112039", "DCM", "Tracking Identifier")
TRACKING_UNIQUE_IDENTIFIER = ("112040", "DCM", "Tracking Unique Identifier")
MASS: Concept = ("4147007", "SCT", "Mass")

NORMAL = "Synthetic phantom, nothing to report. This is a test and no patient was examined."


@kind("basic-text-sr", sop_class=BasicTextSRStorage, modality="SR", title="Basic Text SR")
def basic_text_sr(ds: Dataset, make: Make) -> None:
    """A diagnostic imaging report (TID 2000) in words, verified; illustrated if images exist."""
    referenced = make.refers_to[:1]
    header(ds, make, referenced, verified=True)
    illustrations = [instance(each, concept=BEST_ILLUSTRATION, by=INFERRED) for each in referenced]
    root(
        ds,
        DIAGNOSTIC_IMAGING_REPORT,
        "2000",
        language(),
        *person_observer(),
        container(HISTORY_SECTION, text(HISTORY, "Acceptance test before go-live.")),
        container(FINDINGS, text(FINDING, NORMAL, *illustrations)),
        container(IMPRESSIONS, text(IMPRESSION, "Test object.\r\nSecond line of text.")),
    )


@kind(
    "enhanced-sr",
    sop_class=EnhancedSRStorage,
    modality="SR",
    title="Enhanced SR",
    refers_to_images=True,
)
def enhanced_sr(ds: Dataset, make: Make) -> None:
    """A diagnostic imaging report (TID 2000) with a length measured in an image; unverified."""
    image = first_image(make)
    header(ds, make, [image], verified=False)
    measured, points = line_in(image)
    line = coordinates("POLYLINE", points, instance(image, by=SELECTED))
    root(
        ds,
        DIAGNOSTIC_IMAGING_REPORT,
        "2000",
        language(),
        *person_observer(),
        container(
            FINDINGS,
            text(FINDING, NORMAL, instance(image, concept=BEST_ILLUSTRATION, by=INFERRED)),
            num(LENGTH, measured, MILLIMETRE, line),
        ),
        container(IMPRESSIONS, text(IMPRESSION, "Test object.")),
    )


@kind(
    "comprehensive-sr",
    sop_class=ComprehensiveSRStorage,
    modality="SR",
    title="Comprehensive SR",
    refers_to_images=True,
)
def comprehensive_sr(ds: Dataset, make: Make) -> None:
    """A measurement report (TID 1500), verified, with one relationship by reference.

    The line of the measurement is selected from the image in the image library, which is content
    item 1.5.1.1: after language, two observer items and the procedure.
    """
    image = first_image(make)
    header(ds, make, make.refers_to, verified=True)
    measured, points = line_in(image)
    images = [image, *(each for each in make.refers_to if each is not image)]
    line = coordinates("POLYLINE", points, by_reference((1, 5, 1, 1), by=SELECTED))
    tracked = related_uid(make.place.instance_uid, "lesion 1")
    root(
        ds,
        IMAGING_MEASUREMENT_REPORT,
        "1500",
        language(),
        *person_observer(),
        coded(PROCEDURE_REPORTED, PROCEDURES.get(image.Modality, IMAGING_PROCEDURE), by=MODIFIER),
        container(
            IMAGE_LIBRARY, container(IMAGE_LIBRARY_GROUP, *(instance(each) for each in images))
        ),
        container(
            IMAGING_MEASUREMENTS,
            container(
                MEASUREMENT_GROUP,
                text(TRACKING_IDENTIFIER, "Lesion 1", by=CONTEXT),
                uid_reference(TRACKING_UNIQUE_IDENTIFIER, tracked, by=CONTEXT),
                coded(FINDING, MASS),
                num(LENGTH, measured, MILLIMETRE, line),
            ),
        ),
    )


def first_image(make: Make) -> Dataset:
    """The first image the report is about; raises ValueError when there is none."""
    for each in make.refers_to:
        if "Rows" in each:
            return each
    raise ValueError(f"{make.kind.name} measures in an image, and none was given")


def line_in(image: Dataset) -> tuple[str, list[float]]:
    """A horizontal line of half the image's width: length in mm as DS, and its two points."""
    rows, columns = int(image.Rows), int(image.Columns)
    left, right, middle = columns / 4, columns * 3 / 4, rows / 2
    spacing = image.get("PixelSpacing") or image.get("ImagerPixelSpacing") or (1.0, 1.0)
    length = (right - left) * float(spacing[1])
    return f"{length:.3f}", [left, middle, right, middle]
