"""The Modality Performed Procedure Step as data (PS3.4 F.7, Table F.7.2-1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MPPS = "1.2.840.10008.3.1.2.3.3"
MPPS_RETRIEVE = "1.2.840.10008.3.1.2.3.4"
MPPS_NOTIFICATION = "1.2.840.10008.3.1.2.3.5"

IN_PROGRESS, COMPLETED, DISCONTINUED = "IN PROGRESS", "COMPLETED", "DISCONTINUED"
FINAL_STATES = (COMPLETED, DISCONTINUED)
STATUS = "PerformedProcedureStepStatus"
SCHEDULED = "ScheduledStepAttributesSequence"
SERIES = "PerformedSeriesSequence"
IMAGES = "ReferencedImageSequence"
OTHERS = "ReferencedNonImageCompositeSOPInstanceSequence"

# Table F.7.2-2: the step can no longer be updated.
NO_LONGER = "Performed Procedure Step Object may no longer be updated"
NO_LONGER_ERROR_ID = 0xA710

# Table F.9.2-1: Event Type IDs of the notification class.
EVENTS = {IN_PROGRESS: 1, COMPLETED: 2, DISCONTINUED: 3}
UPDATED_EVENT = 4

SetType = Literal["", "1C", "3"]  # "": not allowed


@dataclass(frozen=True, slots=True)
class StepAttribute:
    """One row of Table F.7.2-1: the SCU's type in N-CREATE and N-SET, the type when it is final.

    `within` is the sequence in whose items it stands.
    """

    keyword: str
    created: Literal["1", "1C", "2", "3"]
    set: SetType = ""
    final: Literal["", "1", "2"] = ""
    within: str = ""


def _rows(
    created: Literal["1", "1C", "2", "3"], keywords: str, *, set: SetType = "", within: str = "",
    final: Literal["", "1", "2"] = "",
) -> list[StepAttribute]:  # fmt: skip
    return [StepAttribute(each, created, set, final, within) for each in keywords.split()]


STEP_ATTRIBUTES: tuple[StepAttribute, ...] = (
    *_rows("1C", "SpecificCharacterSet", set="1C"),
    *_rows("1", SCHEDULED),
    *_rows("1", "StudyInstanceUID", within=SCHEDULED),
    *_rows(
        "2",
        "ReferencedStudySequence AccessionNumber RequestedProcedureID "
        "RequestedProcedureDescription ScheduledProcedureStepID "
        "ScheduledProcedureStepDescription ScheduledProtocolCodeSequence",
        within=SCHEDULED,
    ),
    *_rows("3", "RequestedProcedureCodeSequence", within=SCHEDULED),
    *_rows("2", "PatientName PatientID PatientBirthDate PatientSex ReferencedPatientSequence"),
    *_rows("3", "IssuerOfPatientID IssuerOfPatientIDQualifiersSequence OtherPatientIDsSequence"),
    *_rows("3", "AdmissionID"),
    *_rows("1", "PerformedProcedureStepID PerformedStationAETitle"),
    *_rows("2", "PerformedStationName PerformedLocation"),
    *_rows("1", "PerformedProcedureStepStartDate PerformedProcedureStepStartTime"),
    *_rows("1", STATUS, set="3"),
    *_rows(
        "2",
        "PerformedProcedureStepDescription PerformedProcedureTypeDescription "
        "ProcedureCodeSequence PerformedProtocolCodeSequence",
        set="3",
    ),
    *_rows("2", "PerformedProcedureStepEndDate PerformedProcedureStepEndTime", set="3", final="1"),
    *_rows("3", "PerformedProcedureStepDiscontinuationReasonCodeSequence", set="3"),
    *_rows("1", "Modality"),
    *_rows("2", "StudyID"),
    *_rows("2", SERIES, set="3", final="1"),
    *_rows("1", "ProtocolName SeriesInstanceUID", within=SERIES, set="1C", final="1"),
    *_rows(
        "2",
        f"PerformingPhysicianName OperatorsName SeriesDescription RetrieveAETitle {IMAGES} "
        f"{OTHERS}",
        within=SERIES,
        set="1C",
        final="2",
    ),
)


def required(kind: Literal["1", "2"], within: str = "") -> tuple[str, ...]:
    """Keywords of that type in N-CREATE, at the top or in the items of a sequence."""
    return tuple(
        each.keyword for each in STEP_ATTRIBUTES if each.created == kind and each.within == within
    )


NOT_ALLOWED_IN_SET = tuple(
    each.keyword for each in STEP_ATTRIBUTES if not each.set and not each.within
)
FINAL_TYPE_1 = tuple(
    each.keyword for each in STEP_ATTRIBUTES if each.final == "1" and not each.within
)
