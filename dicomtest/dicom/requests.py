"""From a worklist item to the study that is acquired for it (IHE RAD TF-2 4.8, PS3.3 10.6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dicomtest.dicom.attribute_values import Attributes, Values, data_set, with_values
from dicomtest.dicom.objects import StudyPlan, Subject
from dicomtest.dicom.orders import step_of, text
from dicomtest.dicom.worklist_model import STEP

# Copied into the instances as they are, where they have a value.
COPIED = ("ReferencedStudySequence", "RequestedProcedureID", "RequestedProcedureDescription",
          "RequestedProcedureCodeSequence")  # fmt: skip
COPIED_OF_STEP = ("ScheduledProcedureStepID", "ScheduledProcedureStepDescription",
                  "ScheduledProtocolCodeSequence")  # fmt: skip


def subject_of_item(item: Attributes) -> Subject:
    """The patient as a worklist item has it, character set included."""
    declared = item.get("SpecificCharacterSet", ())
    return Subject(
        patient_name=text(item, "PatientName"),
        patient_id=text(item, "PatientID"),
        birth_date=text(item, "PatientBirthDate"),
        sex=text(item, "PatientSex"),
        character_set=tuple(each for each in declared if isinstance(each, str)),
    )


def study_of(
    item: Attributes, begun: StudyPlan | None = None, extra: Mapping[str, Any] | None = None
) -> StudyPlan:
    """The study of a worklist item.

    Date and time are those of `begun`, where it is given; `extra` are further attributes of
    every instance, by keyword.
    """
    wanted = {name: with_values(item[name]) for name in COPIED if item.get(name)}
    wanted_of_step = {name: with_values(values) for name, values in step_of(item).items()
                      if name in COPIED_OF_STEP and values}  # fmt: skip
    request = _as_pydicom({**wanted, STEP: (wanted_of_step,)}, item)
    if item.get("RequestedProcedureCodeSequence"):  # performed as requested
        request["ProcedureCodeSequence"] = request["RequestedProcedureCodeSequence"]
    plan = StudyPlan(
        subject=subject_of_item(item),
        study_uid=text(item, "StudyInstanceUID"),
        accession_number=text(item, "AccessionNumber"),
        study_id=text(item, "RequestedProcedureID"),
        study_date=text(item, "ScheduledProcedureStepStartDate"),
        study_time=text(item, "ScheduledProcedureStepStartTime"),
        study_description=text(item, "RequestedProcedureDescription"),
        referring_physician=text(item, "ReferringPhysicianName"),
        request={**request, **(extra or {})},
    )
    if begun is not None:
        plan = replace(plan, study_date=begun.study_date, study_time=begun.study_time)
    return plan


def _as_pydicom(attributes: Mapping[str, Values], item: Attributes) -> dict[str, Any]:
    made = data_set(attributes, tuple(map(str, item.get("SpecificCharacterSet", ()))))
    return {each.keyword: each.value for each in made if each.keyword != "SpecificCharacterSet"}
