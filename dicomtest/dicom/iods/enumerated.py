"""Enumerated Values of PS3.3: nothing else may stand there. Defined Terms are not among them."""

from __future__ import annotations

from collections.abc import Iterator

from dicomtest.dicom.iods.level import Fault, Level

YES_NO = frozenset({"YES", "NO"})
Y_N = frozenset({"Y", "N"})

ENUMERATED: dict[str, frozenset[str]] = {
    "PatientSex": frozenset({"M", "F", "O"}),
    "PatientIdentityRemoved": YES_NO,
    "SmokingStatus": frozenset({"YES", "NO", "UNKNOWN"}),
    "AnatomicalOrientationType": frozenset({"BIPED", "QUADRUPED"}),
    "Laterality": frozenset({"R", "L", "B", "U"}),  # B and U in ophthalmic series only
    "ImageLaterality": frozenset({"R", "L", "U", "B"}),
    "QualityControlImage": frozenset({"YES", "NO", "BOTH"}),
    "BurnedInAnnotation": YES_NO,
    "RecognizableVisualFeatures": YES_NO,
    "LossyImageCompression": frozenset({"00", "01"}),
    "PresentationIntentType": frozenset({"FOR PRESENTATION", "FOR PROCESSING"}),
    "PresentationLUTShape": frozenset({"IDENTITY", "INVERSE"}),
    "PartialView": YES_NO,
    "SynchronizationTrigger": frozenset({"SOURCE", "EXTERNAL", "PASSTHRU", "NO TRIGGER"}),
    "AcquisitionTimeSynchronized": Y_N,
    "MRAcquisitionType": frozenset({"1D", "2D", "3D"}),
    "ScanningSequence": frozenset({"SE", "IR", "GR", "EP", "RM"}),
    "CountsSource": frozenset({"EMISSION", "TRANSMISSION"}),
    "CompletionFlag": frozenset({"PARTIAL", "COMPLETE"}),
    "VerificationFlag": frozenset({"UNVERIFIED", "VERIFIED"}),
    "PreliminaryFlag": frozenset({"PRELIMINARY", "FINAL"}),
    "ContinuityOfContent": frozenset({"SEPARATE", "CONTINUOUS"}),
    "ContentQualification": frozenset({"PRODUCT", "RESEARCH", "SERVICE"}),
    "BoundingBoxAnnotationUnits": frozenset({"PIXEL", "DISPLAY", "MATRIX"}),
    "AnchorPointAnnotationUnits": frozenset({"PIXEL", "DISPLAY", "MATRIX"}),
    "GraphicAnnotationUnits": frozenset({"PIXEL", "DISPLAY", "MATRIX"}),
    "GraphicFilled": Y_N,
    "ImageHorizontalFlip": Y_N,
    "PresentationSizeMode": frozenset({"SCALE TO FIT", "TRUE SIZE", "MAGNIFY"}),
    "QueryRetrieveView": frozenset({"CLASSIC", "ENHANCED"}),
}
"""By keyword, wherever the attribute stands."""

NUMBERS: dict[str, frozenset[int]] = {
    "PixelRepresentation": frozenset({0, 1}),
    "PlanarConfiguration": frozenset({0, 1}),
    "PregnancyStatus": frozenset({1, 2, 3, 4}),
    "ImageRotation": frozenset({0, 90, 180, 270}),
}
IMAGE_TYPE = (
    frozenset({"ORIGINAL", "DERIVED", "MIXED"}),
    frozenset({"PRIMARY", "SECONDARY"}),
)
"""Values 1 and 2 (PS3.3 C.7.6.1.1.2, C.8.13.1.1.1); MIXED in multi-frame objects only."""


def enumerated_faults(level: Level) -> Iterator[Fault]:
    """Values that are not among the Enumerated Values of their attribute."""
    for keyword, allowed in ENUMERATED.items():
        if level.filled(keyword):
            for value in level.texts(keyword):
                if value and value not in allowed:
                    yield Fault(f"{level.path}{keyword}", " or ".join(sorted(allowed)), value)
    for keyword, numbers in NUMBERS.items():
        number = level.number(keyword) if level.filled(keyword) else None
        if number is not None and number not in numbers:
            expected = " or ".join(map(str, sorted(numbers)))
            yield Fault(f"{level.path}{keyword}", expected, str(number))
    if not level.path:
        yield from _image_type(level)


def _image_type(top: Level) -> Iterator[Fault]:
    values = top.texts("ImageType") if top.filled("ImageType") else []
    if len(values) == 1:
        yield Fault("ImageType", "at least two values", "one value")
    for number, (value, allowed) in enumerate(zip(values, IMAGE_TYPE, strict=False), 1):
        usual = allowed if top.has("NumberOfFrames") else allowed - {"MIXED"}
        if value not in usual:
            yield Fault(f"ImageType value {number}", " or ".join(sorted(usual)), value or "empty")
