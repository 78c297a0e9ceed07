"""Structured reports: content items (PS3.3 C.17.3) and the header around them (C.17.1, C.17.2)."""

from __future__ import annotations

from collections.abc import Sequence

from pydicom import Dataset
from pydicom.uid import UID

from dicomtest.dicom.objects.common import code, item_of, moment
from dicomtest.dicom.objects.registry import Make
from dicomtest.dicom.objects.study import StudyPlan

Concept = tuple[str, str, str]  # Code Value, Coding Scheme Designator, Code Meaning

ENGLISH = ("en", "RFC5646", "English")
LANGUAGE = ("121049", "DCM", "Language of Content Item and Descendants")
OBSERVER_TYPE = ("121005", "DCM", "Observer Type")
PERSON = ("121006", "DCM", "Person")
DEVICE = ("121007", "DCM", "Device")
PERSON_OBSERVER_NAME = ("121008", "DCM", "Person Observer Name")
DEVICE_OBSERVER_UID = ("121012", "DCM", "Device Observer UID")
DEVICE_OBSERVER_NAME = ("121013", "DCM", "Device Observer Name")
DEVICE_OBSERVER_MANUFACTURER = ("121014", "DCM", "Device Observer Manufacturer")
DEVICE_OBSERVER_MODEL_NAME = ("121015", "DCM", "Device Observer Model Name")
DEVICE_OBSERVER_SERIAL_NUMBER = ("121016", "DCM", "Device Observer Serial Number")

CONTAINS = "CONTAINS"
CONTEXT = "HAS OBS CONTEXT"
MODIFIER = "HAS CONCEPT MOD"
INFERRED = "INFERRED FROM"
PROPERTIES = "HAS PROPERTIES"
SELECTED = "SELECTED FROM"

READER = "Synthetic^Reader"


def _item(relationship: str, value_type: str, concept: Concept | None) -> Dataset:
    item = Dataset()
    item.RelationshipType = relationship
    item.ValueType = value_type
    if concept is not None:
        item.ConceptNameCodeSequence = [code(*concept)]
    return item


def _with(item: Dataset, children: Sequence[Dataset]) -> Dataset:
    if children:
        item.ContentSequence = list(children)
    return item


def container(concept: Concept, *children: Dataset, by: str = CONTAINS) -> Dataset:
    """A CONTAINER whose content items stand apart from one another."""
    item = _item(by, "CONTAINER", concept)
    item.ContinuityOfContent = "SEPARATE"
    return _with(item, children)


def text(concept: Concept, value: str, *children: Dataset, by: str = CONTAINS) -> Dataset:
    """A TEXT content item."""
    item = _item(by, "TEXT", concept)
    item.TextValue = value
    return _with(item, children)


def coded(concept: Concept, value: Concept, *children: Dataset, by: str = CONTAINS) -> Dataset:
    """A CODE content item."""
    item = _item(by, "CODE", concept)
    item.ConceptCodeSequence = [code(*value)]
    return _with(item, children)


def num(
    concept: Concept, value: str, unit: tuple[str, str], *children: Dataset, by: str = CONTAINS
) -> Dataset:
    """A NUM content item; the unit is a UCUM code and its meaning."""
    item = _item(by, "NUM", concept)
    measured = Dataset()
    measured.NumericValue = value
    measured.MeasurementUnitsCodeSequence = [code(unit[0], "UCUM", unit[1])]
    item.MeasuredValueSequence = [measured]
    return _with(item, children)


def person_name(concept: Concept, value: str, *, by: str = CONTEXT) -> Dataset:
    """A PNAME content item."""
    item = _item(by, "PNAME", concept)
    item.PersonName = value
    return item


def uid_reference(concept: Concept, value: str, *, by: str = CONTAINS) -> Dataset:
    """A UIDREF content item."""
    item = _item(by, "UIDREF", concept)
    item.UID = UID(value)
    return item


def date_time(concept: Concept, value: str, *, by: str = CONTAINS) -> Dataset:
    """A DATETIME content item; the value is a DT."""
    item = _item(by, "DATETIME", concept)
    item.DateTime = value
    return item


def instance(referenced: Dataset, *, concept: Concept | None = None, by: str = CONTAINS) -> Dataset:
    """An IMAGE content item, or a COMPOSITE one where the instance is no image."""
    item = _item(by, "IMAGE" if "Rows" in referenced else "COMPOSITE", concept)
    reference = reference_to(referenced)
    if int(referenced.get("NumberOfFrames") or 1) > 1:
        reference.ReferencedFrameNumber = "1"
    item.ReferencedSOPSequence = [reference]
    return item


def coordinates(
    graphic_type: str, points: Sequence[float], *children: Dataset, by: str = INFERRED
) -> Dataset:
    """An SCOORD content item: columns and rows of points in an image."""
    item = _item(by, "SCOORD", None)
    item.GraphicType = graphic_type
    item.GraphicData = list(points)
    return _with(item, children)


def by_reference(position: Sequence[int], *, by: str) -> Dataset:
    """A relationship to a content item elsewhere in the tree, found by its position."""
    item = Dataset()
    item.RelationshipType = by
    item.ReferencedContentItemIdentifier = list(position)
    return item


def root(ds: Dataset, concept: Concept, template: str, *children: Dataset) -> None:
    """SR Document Content Module: the root container, made from a template of PS3.16."""
    ds.ValueType = "CONTAINER"
    ds.ConceptNameCodeSequence = [code(*concept)]
    ds.ContinuityOfContent = "SEPARATE"
    ds.ContentTemplateSequence = [item_of(MappingResource="DCMR", TemplateIdentifier=template)]
    ds.ContentSequence = list(children)


def language() -> Dataset:
    """TID 1204: the content is in English."""
    return coded(LANGUAGE, ENGLISH, by=MODIFIER)


def person_observer() -> list[Dataset]:
    """TID 1002 with TID 1003: a person observed."""
    return [
        coded(OBSERVER_TYPE, PERSON, by=CONTEXT),
        person_name(PERSON_OBSERVER_NAME, READER),
    ]


def device_observer(ds: Dataset, uid: str) -> list[Dataset]:
    """TID 1002 with TID 1004: the equipment of the data set observed."""
    return [
        coded(OBSERVER_TYPE, DEVICE, by=CONTEXT),
        uid_reference(DEVICE_OBSERVER_UID, uid, by=CONTEXT),
        text(DEVICE_OBSERVER_NAME, str(ds.StationName), by=CONTEXT),
        text(DEVICE_OBSERVER_MANUFACTURER, str(ds.Manufacturer), by=CONTEXT),
        text(DEVICE_OBSERVER_MODEL_NAME, str(ds.ManufacturerModelName), by=CONTEXT),
        text(DEVICE_OBSERVER_SERIAL_NUMBER, str(ds.DeviceSerialNumber), by=CONTEXT),
    ]


def reference_to(referenced: Dataset) -> Dataset:
    """SOP Instance Reference Macro (PS3.3 Table 10-11)."""
    return item_of(
        ReferencedSOPClassUID=referenced.SOPClassUID,
        ReferencedSOPInstanceUID=referenced.SOPInstanceUID,
    )


def evidence(referenced: Sequence[Dataset]) -> list[Dataset]:
    """Hierarchical SOP Instance Reference Macro (PS3.3 Table C.17-3): every one once."""
    studies: dict[str, dict[str, dict[str, Dataset]]] = {}
    for each in referenced:
        of_study = studies.setdefault(str(each.StudyInstanceUID), {})
        of_series = of_study.setdefault(str(each.SeriesInstanceUID), {})
        of_series.setdefault(str(each.SOPInstanceUID), reference_to(each))
    return [
        item_of(
            StudyInstanceUID=study,
            ReferencedSeriesSequence=[
                item_of(SeriesInstanceUID=series, ReferencedSOPSequence=list(instances.values()))
                for series, instances in of_study.items()
            ],
        )
        for study, of_study in studies.items()
    ]


def content_moment(plan: StudyPlan, seconds: float) -> tuple[str, str]:
    """Content Date and Content Time, which a document must have (type 1)."""
    day, time = moment(plan, seconds)
    return day or "20000101", time or "000000"


def key_object_header(ds: Dataset, make: Make, referenced: Sequence[Dataset]) -> None:
    """Key Object Document Series and Key Object Document Modules (PS3.3 C.17.6.1, C.17.6.2)."""
    ds.ContentDate, ds.ContentTime = content_moment(make.plan, 1200)
    ds.ReferencedPerformedProcedureStepSequence = []
    if "RequestAttributesSequence" in ds:
        del ds.RequestAttributesSequence  # documents refer to the request in a sequence of its own
        ds.ReferencedRequestSequence = [_referenced_request(make.plan)]
    if referenced:
        ds.CurrentRequestedProcedureEvidenceSequence = evidence(referenced)


def header(ds: Dataset, make: Make, referenced: Sequence[Dataset], *, verified: bool) -> None:
    """SR Document Series and SR Document General Modules of a complete document."""
    key_object_header(ds, make, referenced)
    ds.CompletionFlag = "COMPLETE"
    ds.VerificationFlag = "VERIFIED" if verified else "UNVERIFIED"
    ds.PerformedProcedureCodeSequence = []
    if verified:
        day, time = content_moment(make.plan, 1800)
        ds.VerifyingObserverSequence = [
            item_of(
                VerifyingObserverName=READER,
                VerifyingObserverIdentificationCodeSequence=[],
                VerifyingOrganization=ds.InstitutionName,
                VerificationDateTime=day + time,
            )
        ]


def _referenced_request(plan: StudyPlan) -> Dataset:
    """One item of Referenced Request Sequence (PS3.3 Table C.17-2)."""
    asked = plan.request
    return item_of(
        StudyInstanceUID=plan.study_uid,
        ReferencedStudySequence=[],
        AccessionNumber=plan.accession_number,
        PlacerOrderNumberImagingServiceRequest=asked.get(
            "PlacerOrderNumberImagingServiceRequest", ""
        ),
        FillerOrderNumberImagingServiceRequest=asked.get(
            "FillerOrderNumberImagingServiceRequest", ""
        ),
        RequestedProcedureID=asked.get("RequestedProcedureID", ""),
        RequestedProcedureDescription=asked.get("RequestedProcedureDescription", ""),
        RequestedProcedureCodeSequence=list(asked.get("RequestedProcedureCodeSequence", ())),
    )
