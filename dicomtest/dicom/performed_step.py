"""Data sets of a modality performed procedure step (PS3.4 Table F.7.2-1, IHE RAD TF-2x A.1).

Everything is in the form of `dicomtest.dicom.attribute_values`; `data_set` there encodes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dicomtest.dicom.attribute_values import (
    Attributes,
    Item,
    Values,
    data_set,
    with_values,
)
from dicomtest.dicom.mpps_model import (
    FINAL_STATES,
    IMAGES,
    IN_PROGRESS,
    MPPS,
    OTHERS,
    SCHEDULED,
    SERIES,
    STATUS,
)
from dicomtest.dicom.objects import KINDS
from dicomtest.dicom.orders import step_of
from dicomtest.evidence import Instance

DCM = "DCM"
# PS3.16 CID 9300, Procedure Discontinuation Reasons, the part every device can mean
REASONS = {
    "doctor-cancelled": ("110500", "Doctor canceled procedure"),
    "equipment-failure": ("110501", "Equipment failure"),
    "incorrect-procedure-ordered": ("110502", "Incorrect procedure ordered"),
    "patient-allergic": ("110503", "Patient allergic to media/contrast"),
    "patient-refused": ("110505", "Patient refused to continue procedure"),
    "patient-did-not-arrive": ("110507", "Patient did not arrive"),
    "duplicate-order": ("110510", "Duplicate order"),
    "incorrect-side-ordered": ("110512", "Incorrect side ordered"),
    "unspecified": ("110513", "Discontinued for unspecified reason"),
    "incorrect-worklist-entry": ("110514", "Incorrect worklist entry selected"),
    "patient-condition": ("110515", "Patient condition prevented continuing"),
}
OF_PATIENT = ("PatientName", "PatientID", "PatientBirthDate", "PatientSex",
              "ReferencedPatientSequence", "IssuerOfPatientID", "AdmissionID")  # fmt: skip
OPTIONAL_OF_PATIENT = ("IssuerOfPatientID", "AdmissionID")
OF_REQUEST = ("StudyInstanceUID", "ReferencedStudySequence", "AccessionNumber",
              "RequestedProcedureID", "RequestedProcedureDescription")  # fmt: skip
OF_STEP = ("ScheduledProcedureStepID", "ScheduledProcedureStepDescription",
           "ScheduledProtocolCodeSequence")  # fmt: skip
OPERATOR, PHYSICIAN = "Operator^Olga", "Performing^Petra"


@dataclass(frozen=True)
class Performing:
    """What a modality knows when it begins to perform a step.

    `items` are the worklist items it performs, one for each scheduled procedure step (several in
    the group case); without any, the step is unscheduled and `patient` says who lies there.
    """

    sop_instance: str
    id: str  # Performed Procedure Step ID
    station_ae_title: str
    modality: str
    study_uid: str
    begun: datetime
    items: Sequence[Attributes] = ()
    patient: Attributes | None = None
    description: str = ""
    protocol: str = ""
    station_name: str = ""
    study_id: str = ""

    @property
    def about(self) -> Attributes:
        """Where the patient's attributes are."""
        return self.items[0] if self.items else self.patient or {}


def creation(step: Performing) -> Attributes:
    """The N-CREATE: every attribute that a later N-SET may change is there, if only empty."""
    about = step.about
    made: Attributes = {"SpecificCharacterSet": about.get("SpecificCharacterSet", ())}
    made[SCHEDULED] = tuple(scheduled(each, step.study_uid) for each in step.items or [{}])
    for name in OF_PATIENT:
        if name not in OPTIONAL_OF_PATIENT or about.get(name):
            made[name] = about.get(name, ())
    made |= {
        "PerformedProcedureStepID": (step.id,),
        "PerformedStationAETitle": (step.station_ae_title,),
        "PerformedStationName": _value(step.station_name),
        "PerformedLocation": (),
        **_moment("Start", step.begun),
        STATUS: (IN_PROGRESS,),
        "PerformedProcedureStepDescription": _value(step.description),
        "PerformedProcedureTypeDescription": (),
        "ProcedureCodeSequence": _first(step.items, "RequestedProcedureCodeSequence"),
        "PerformedProcedureStepEndDate": (),
        "PerformedProcedureStepEndTime": (),
        "PerformedProcedureStepDiscontinuationReasonCodeSequence": (),
        "Modality": (step.modality,),
        "StudyID": _value(step.study_id),
        "PerformedProtocolCodeSequence": _first(step.items, "ScheduledProtocolCodeSequence"),
        SERIES: (),
    }
    return {name: made[name] for name in made if name != "SpecificCharacterSet" or made[name]}


def scheduled(item: Attributes, study_uid: str) -> Item:
    """One item of Scheduled Step Attributes Sequence; all but the study empty when unscheduled."""
    step = step_of(item)
    made: dict[str, Values] = {name: item.get(name, ()) for name in OF_REQUEST}
    made["StudyInstanceUID"] = (study_uid,)
    made |= {name: step.get(name, ()) for name in OF_STEP}
    if item.get("RequestedProcedureCodeSequence"):
        code = with_values(item["RequestedProcedureCodeSequence"])
        made["RequestedProcedureCodeSequence"] = code
    return made


def progress(instances: Iterable[Instance], step: Performing, retrieve_ae: str = "") -> Attributes:
    """An N-SET while the step goes on: the series so far, all items (PS3.4 F.7.2.2.2)."""
    return {
        "SpecificCharacterSet": step.about.get("SpecificCharacterSet", ()),
        SERIES: performed_series(instances, step, retrieve_ae),
    }


def final(
    status: str,
    ended: datetime,
    instances: Iterable[Instance],
    step: Performing,
    *,
    new_series: str = "",
    reason: str = "",
    retrieve_ae: str = "",
) -> Attributes:
    """The N-SET that ends the step; `new_series` stands for a series when nothing was acquired.

    `reason` is a key of REASONS, for a step that is discontinued.
    """
    assert status in FINAL_STATES, status
    series = performed_series(instances, step, retrieve_ae)
    if not series:  # a series exists though it has no instance (Table F.7.2-1, note 2)
        series = (_series_item({}, step, new_series, retrieve_ae, []),)
    made: Attributes = {
        "SpecificCharacterSet": step.about.get("SpecificCharacterSet", ()),
        STATUS: (status,),
        **_moment("End", max(ended, step.begun)),
        SERIES: series,
    }
    if reason:
        code, meaning = REASONS[reason]
        made["PerformedProcedureStepDiscontinuationReasonCodeSequence"] = (
            {
                "CodeValue": (code,),
                "CodingSchemeDesignator": (DCM,),
                "CodeMeaning": (meaning,),
            },
        )
    return made


def performed_series(
    instances: Iterable[Instance], step: Performing, retrieve_ae: str
) -> tuple[Item, ...]:
    """The items of Performed Series Sequence that these instances make up."""
    grouped: dict[str, list[Instance]] = {}
    for each in instances:
        grouped.setdefault(each.series, []).append(each)
    return tuple(
        _series_item(members[0].attributes, step, uid, retrieve_ae, members)
        for uid, members in grouped.items()
    )


def _series_item(
    attributes: dict[str, Any],
    step: Performing,
    uid: str,
    retrieve_ae: str,
    members: list[Instance],
) -> Item:
    def of(name: str, otherwise: str = "") -> Values:
        values = tuple(str(each) for each in attributes.get(name, ()))
        return values or _value(otherwise)

    return {
        "PerformingPhysicianName": of("PerformingPhysicianName"),
        "ProtocolName": of("ProtocolName", step.protocol or step.description or step.modality),
        "OperatorsName": of("OperatorsName"),
        "SeriesInstanceUID": (uid,),
        "SeriesDescription": of("SeriesDescription"),
        "RetrieveAETitle": _value(retrieve_ae),
        IMAGES: tuple(reference(each) for each in members if is_image(each)),
        OTHERS: tuple(reference(each) for each in members if not is_image(each)),
    }


def reference(instance: Instance) -> Item:
    """A SOP Instance Reference (PS3.3 10.8)."""
    return {
        "ReferencedSOPClassUID": (instance.sop_class,),
        "ReferencedSOPInstanceUID": (instance.sop_instance,),
    }


def is_image(instance: Instance) -> bool:
    """Whether it is listed among the images; by its kind, or because it has rows and columns."""
    kind = KINDS.get(instance.kind)
    return kind.is_image if kind is not None else bool(instance.attributes.get("Rows"))


def of_instances(step: Performing) -> dict[str, Any]:
    """What every instance of the step carries about it, by keyword, as pydicom wants it."""
    reference_to_step: Attributes = {
        "ReferencedPerformedProcedureStepSequence": (
            {
                "ReferencedSOPClassUID": (MPPS,),
                "ReferencedSOPInstanceUID": (step.sop_instance,),
            },
        ),
        "PerformedProtocolCodeSequence": _first(step.items, "ScheduledProtocolCodeSequence"),
        "ProtocolName": _value(step.protocol or step.description or step.modality),
        "OperatorsName": (OPERATOR,),
        "PerformingPhysicianName": (PHYSICIAN,),
        "PerformedProcedureStepID": (step.id,),
        "PerformedProcedureStepDescription": _value(step.description),
        **_moment("Start", step.begun),
        "StudyID": _value(step.study_id),
    }
    made = data_set({name: values for name, values in reference_to_step.items() if values})
    return {each.keyword: each.value for each in made}


def _first(items: Sequence[Attributes], name: str) -> Values:
    """The value of an attribute of the first item, or of its scheduled step."""
    for item in items[:1]:
        return with_values(item.get(name) or step_of(item).get(name, ()))
    return ()


def _moment(which: str, at: datetime) -> Attributes:
    return {
        f"PerformedProcedureStep{which}Date": (at.strftime("%Y%m%d"),),
        f"PerformedProcedureStep{which}Time": (at.strftime("%H%M%S"),),
    }


def _value(text: str) -> tuple[str, ...]:
    return (text,) if text else ()
