"""The Modality Worklist Information Model as data (PS3.4 K.6.1.2, Table K.6-1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MODALITY_WORKLIST_FIND = "1.2.840.10008.5.1.4.31"
STEP = "ScheduledProcedureStepSequence"

ReturnType = Literal["1", "1C", "2", "2C", "3"]


@dataclass(frozen=True, slots=True)
class WorklistKey:
    """One attribute of a worklist item; `in_step` inside the Scheduled Procedure Step Sequence."""

    keyword: str
    returned: ReturnType
    required_matching: bool = False
    in_step: bool = False


def _top(returned: ReturnType, keywords: str) -> list[WorklistKey]:
    return [WorklistKey(each, returned) for each in keywords.split()]


def _step(returned: ReturnType, keywords: str) -> list[WorklistKey]:
    return [WorklistKey(each, returned, in_step=True) for each in keywords.split()]


WORKLIST_KEYS: tuple[WorklistKey, ...] = (
    WorklistKey(STEP, "1", required_matching=True),
    WorklistKey("ScheduledStationAETitle", "1", True, True),
    WorklistKey("ScheduledProcedureStepStartDate", "1", True, True),
    WorklistKey("ScheduledProcedureStepStartTime", "1", True, True),
    WorklistKey("Modality", "1", True, True),
    WorklistKey("ScheduledPerformingPhysicianName", "2", True, True),
    WorklistKey("PatientName", "1", True),
    WorklistKey("PatientID", "1", True),
    *_step("1C", "ScheduledProcedureStepDescription ScheduledProtocolCodeSequence"),
    *_step("2", "ScheduledStationName ScheduledProcedureStepLocation"),
    *_step("2C", "PreMedication RequestedContrastAgent"),
    *_step("1", "ScheduledProcedureStepID"),
    *_step("3", "ScheduledProcedureStepStatus"),
    *_top("1", "RequestedProcedureID StudyInstanceUID"),
    *_top("1C", "RequestedProcedureDescription RequestedProcedureCodeSequence"),
    *_top("3", "StudyDate StudyTime IssuerOfAccessionNumberSequence PatientSize"),
    *_top("2", "ReferencedStudySequence RequestedProcedurePriority PatientTransportArrangements"),
    *_top("2", "AccessionNumber RequestingPhysician ReferringPhysicianName AdmissionID"),
    *_top("2", "CurrentPatientLocation ReferencedPatientSequence PatientBirthDate PatientSex"),
    *_top("2", "PatientWeight ConfidentialityConstraintOnPatientDataDescription PatientState"),
    *_top("2", "PregnancyStatus MedicalAlerts Allergies SpecialNeeds"),
)
REQUIRED_MATCHING = tuple(each.keyword for each in WORKLIST_KEYS if each.required_matching)

# A provider supports the description, the code sequence or both (Table K.6-1, 1C).
DESCRIPTION_OR_CODE = (
    ("ScheduledProcedureStepDescription", "ScheduledProtocolCodeSequence"),
    ("RequestedProcedureDescription", "RequestedProcedureCodeSequence"),
)


def worklist_key(keyword: str, *, in_step: bool = False) -> WorklistKey | None:
    """What Table K.6-1 says of an attribute; None for one it does not list."""
    for each in WORKLIST_KEYS:
        if each.keyword == keyword and each.in_step == in_step:
            return each
    return None
