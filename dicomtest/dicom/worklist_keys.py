"""Keys of worklist requests: which belong to the scheduled step, and which a modality asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dicomtest.dicom.attribute_values import Attributes, Values, items
from dicomtest.dicom.matching import asks_only
from dicomtest.dicom.worklist_model import STEP, WORKLIST_KEYS, worklist_key

SELDOM_ASKED = frozenset(
    {"StudyDate", "StudyTime", "IssuerOfAccessionNumberSequence", "PatientSize"}
)
CODE = ("CodeValue", "CodingSchemeDesignator", "CodingSchemeVersion", "CodeMeaning")
REFERENCE = ("ReferencedSOPClassUID", "ReferencedSOPInstanceUID")


def universal(*, seldom: bool = False) -> dict[str, Any]:
    """The return keys of PS3.4 Table K.6-1 as flat JSON values; on request, the seldom asked."""
    asked = (each.keyword for each in WORKLIST_KEYS if each.keyword != STEP)
    return {name: "" for name in asked if seldom or name not in SELDOM_ASKED}


def nested(keys: Mapping[str, Any]) -> dict[str, Any]:
    """The keys with those of the scheduled step in its sequence (PS3.4 K.6.1.2.2).

    Sequences that are only asked back are given the keys of their items.
    """
    step: dict[str, Any] = {}
    made: dict[str, Any] = {}
    for name, value in keys.items():
        target = step if worklist_key(name, in_step=True) is not None else made
        target[name] = value if value != "" else _asked_back(name)
    made[STEP] = [step]
    return made


def placed(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item whose attributes of the scheduled step stand in its sequence, wherever they stood."""
    inner = item.get(STEP) or [{}]
    step = dict(inner[0] if isinstance(inner, list) else inner)
    made: dict[str, Any] = {}
    for name, value in item.items():
        if name == STEP:
            continue
        target = step if worklist_key(name, in_step=True) is not None else made
        target[name] = value
    return {**made, STEP: [step]}


def narrowing(keys: Mapping[str, Values]) -> Attributes:
    """The keys that can rule an item out: what is only asked back is left out."""
    made: Attributes = {
        name: key for name, key in keys.items() if name != STEP and not asks_only(key)
    }
    inner = items(keys.get(STEP, ()))
    steps = tuple({name: key for name, key in each.items() if not asks_only(key)} for each in inner)
    if any(steps):
        made[STEP] = steps
    return made


def _asked_back(name: str) -> Any:
    if name.endswith("CodeSequence"):
        return [dict.fromkeys(CODE, "")]
    if name in ("ReferencedStudySequence", "ReferencedPatientSequence"):
        return [dict.fromkeys(REFERENCE, "")]
    return [] if name.endswith("Sequence") else ""
