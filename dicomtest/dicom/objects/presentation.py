"""What says how images are shown: Grayscale Softcopy Presentation State, Key Object Selection."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from pydicom import Dataset
from pydicom.uid import (
    GrayscaleSoftcopyPresentationStateStorage,
    KeyObjectSelectionDocumentStorage,
)

from dicomtest.dicom.objects.common import item_of
from dicomtest.dicom.objects.registry import Make, kind
from dicomtest.dicom.objects.sr_content import (
    content_moment,
    evidence,
    instance,
    key_object_header,
    language,
    person_observer,
    reference_to,
    root,
    text,
)

OF_INTEREST = ("113000", "DCM", "Of Interest")
KEY_OBJECT_DESCRIPTION = ("113012", "DCM", "Key Object Description")
LAYER = "ANNOTATIONS"


@kind(
    "ko",
    sop_class=KeyObjectSelectionDocumentStorage,
    modality="KO",
    title="Key Object Selection",
    refers_to_images=True,
)
def key_object_selection(ds: Dataset, make: Make) -> None:
    """Key Object Selection Document IOD (PS3.3 A.35.4) from TID 2010: instances of interest."""
    key_object_header(ds, make, make.refers_to)
    root(
        ds,
        OF_INTEREST,
        "2010",
        language(),
        *person_observer(),
        text(KEY_OBJECT_DESCRIPTION, "Selected by an acceptance test."),
        *(instance(each) for each in make.refers_to),
    )


@kind(
    "gsps",
    sop_class=GrayscaleSoftcopyPresentationStateStorage,
    modality="PR",
    title="Grayscale presentation state",
    refers_to_images=True,
)
def grayscale_softcopy_presentation_state(ds: Dataset, make: Make) -> None:
    """Grayscale Softcopy Presentation State IOD (PS3.3 A.33.1): window, area, an annotation.

    It is about those greyscale images that share the modality LUT of the first one, because one
    presentation state has but one.
    """
    images = [each for each in make.refers_to if each.get("SamplesPerPixel") == 1]
    if not images:
        raise ValueError("gsps is about greyscale images, and none was given")
    images = [each for each in images if rescale(each) == rescale(images[0])]
    _body_part(ds, images[0])
    ds.PresentationCreationDate, ds.PresentationCreationTime = content_moment(make.plan, 900)
    ds.ContentLabel = "DICOMTEST"
    ds.ContentDescription = "Presentation state of an acceptance test"
    ds.ContentCreatorName = ""
    ds.ReferencedSeriesSequence = evidence(images)[0].ReferencedSeriesSequence
    for series in ds.ReferencedSeriesSequence:
        series.ReferencedImageSequence = series.ReferencedSOPSequence
        del series.ReferencedSOPSequence
    ds.DisplayedAreaSelectionSequence = _per_group(images, _geometry, _displayed_area)
    _annotate(ds, images[0])
    intercept, slope, meaning = rescale(images[0])
    if slope:
        ds.RescaleIntercept, ds.RescaleSlope, ds.RescaleType = intercept, slope, meaning
    ds.SoftcopyVOILUTSequence = _per_group(images, window, _softcopy_voi)
    inverted = images[0].PhotometricInterpretation == "MONOCHROME1"
    ds.PresentationLUTShape = "INVERSE" if inverted else "IDENTITY"


def _body_part(ds: Dataset, image: Dataset) -> None:
    """Body Part Examined and Laterality (type 2C of General Series) as the image has them."""
    frame = _macro(image, "FrameAnatomySequence")
    part = image.get("BodyPartExamined") or ""
    if not part and "AnatomicRegionSequence" in frame:
        part = str(frame.AnatomicRegionSequence[0].CodeMeaning).upper()
    side = image.get("Laterality") or image.get("ImageLaterality") or frame.get("FrameLaterality")
    if not re.fullmatch("[A-Z0-9 _]{1,16}", part):  # what a CS can hold
        part = ""
    if part:
        ds.BodyPartExamined = part
    if side in ("R", "L") or not part:
        ds.Laterality = side or ""


def rescale(image: Dataset) -> tuple[str, str, str]:
    """Rescale Intercept, Slope and Type of an image; empty when it has no rescaling."""
    at = _macro(image, "PixelValueTransformationSequence")
    if "RescaleSlope" not in at:
        return "", "", ""
    return str(at.RescaleIntercept), str(at.RescaleSlope), str(at.get("RescaleType") or "US")


def window(image: Dataset) -> tuple[str, str]:
    """The first window of an image, or one that spans all its stored values after rescaling."""
    at = _macro(image, "FrameVOILUTSequence")
    if at.get("WindowCenter") is not None and at.get("WindowWidth") is not None:
        return _first(at.WindowCenter), _first(at.WindowWidth)
    intercept, slope, _ = rescale(image)
    values = 2 ** int(image.BitsStored)
    lowest = -values // 2 if image.PixelRepresentation else 0
    width = values * float(slope or 1)
    centre = lowest * float(slope or 1) + float(intercept or 0) + width / 2
    return f"{centre:g}", f"{width:g}"


def _first(value: Any) -> str:
    return str(value) if isinstance(value, (str, float, int)) else str(value[0])


def _macro(image: Dataset, sequence: str) -> Dataset:
    """Where the attributes of a functional group macro are: the image, or its first frame."""
    for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for group in list(image.get(groups) or ())[:1]:
            if sequence in group:
                found: Dataset = group[sequence].value[0]
                return found
    return image


def _per_group(
    images: Sequence[Dataset],
    key: Callable[[Dataset], Any],
    make_item: Callable[[Dataset], Dataset],
) -> list[Dataset]:
    """One item for each group of images that are alike, naming them unless it is about all."""
    groups: dict[Any, list[Dataset]] = {}
    for each in images:
        groups.setdefault(key(each), []).append(each)
    items = []
    for alike in groups.values():
        item = make_item(alike[0])
        if len(groups) > 1:
            item.ReferencedImageSequence = [reference_to(each) for each in alike]
        items.append(item)
    return items


def _spacing(image: Dataset) -> tuple[str, ...]:
    at = _macro(image, "PixelMeasuresSequence")
    spacing = at.get("PixelSpacing") or at.get("ImagerPixelSpacing") or ()
    return tuple(str(each) for each in spacing)


def _geometry(image: Dataset) -> tuple[int, int, tuple[str, ...]]:
    return int(image.Rows), int(image.Columns), _spacing(image)


def _displayed_area(image: Dataset) -> Dataset:
    rows, columns, spacing = _geometry(image)
    item = item_of(
        DisplayedAreaTopLeftHandCorner=[1, 1],
        DisplayedAreaBottomRightHandCorner=[columns, rows],
        PresentationSizeMode="SCALE TO FIT",
    )
    if spacing:
        item.PresentationPixelSpacing = list(spacing)
    else:
        item.PresentationPixelAspectRatio = ["1", "1"]
    return item


def _softcopy_voi(image: Dataset) -> Dataset:
    centre, width = window(image)
    return item_of(WindowCenter=centre, WindowWidth=width)


def _annotate(ds: Dataset, image: Dataset) -> None:
    """Graphic Annotation and Graphic Layer Modules: a text and a line in one image."""
    rows, columns = int(image.Rows), int(image.Columns)
    ds.GraphicAnnotationSequence = [
        item_of(
            ReferencedImageSequence=[reference_to(image)],
            GraphicLayer=LAYER,
            TextObjectSequence=[
                item_of(
                    BoundingBoxAnnotationUnits="DISPLAY",
                    UnformattedTextValue="dicomtest",
                    BoundingBoxTopLeftHandCorner=[0.05, 0.05],
                    BoundingBoxBottomRightHandCorner=[0.5, 0.125],
                    BoundingBoxTextHorizontalJustification="LEFT",
                )
            ],
            GraphicObjectSequence=[
                item_of(
                    GraphicAnnotationUnits="PIXEL",
                    GraphicDimensions=2,
                    NumberOfGraphicPoints=2,
                    GraphicData=[columns / 4, rows / 2, columns * 3 / 4, rows / 2],
                    GraphicType="POLYLINE",
                )
            ],
        )
    ]
    ds.GraphicLayerSequence = [item_of(GraphicLayer=LAYER, GraphicLayerOrder="1")]
