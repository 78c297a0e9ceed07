"""What a synthetic object is about: patient, study, and its place in the study."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Subject:
    """The patient, with values as pydicom wants them.

    `character_set` is Specific Character Set (PS3.3 C.12.1.1.2) of every object about this
    patient, value by value: () leaves it out, ("", "ISO 2022 IR 87") begins with an empty one.
    """

    patient_name: str
    patient_id: str
    birth_date: str
    sex: str
    character_set: tuple[str, ...] = ()


@dataclass(frozen=True)
class StudyPlan:
    """The study: everything its instances have in common.

    `request` holds what a worklist item said, by keyword. Attributes of the Request Attributes
    Macro (PS3.3 Table 10-9), also those in Scheduled Procedure Step Sequence, go into Request
    Attributes Sequence, all others into the data set.
    """

    subject: Subject
    study_uid: str
    accession_number: str = ""
    study_id: str = ""
    study_date: str = ""  # DA
    study_time: str = ""  # TM
    study_description: str = ""
    referring_physician: str = ""
    frame_of_reference_uid: str = ""  # empty: one derived from the study's UID
    request: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Placement:
    """Which instance of which series."""

    series_uid: str
    series_number: int
    instance_uid: str
    instance_number: int
    series_length: int = 0  # instances the series will have, where known


def related_uid(uid: str, what: str) -> str:
    """A UID that always belongs to `uid` in the same way, below 2.25 (PS3.5 B.2)."""
    return f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, f'{uid} {what}').int}"
