"""What a worklist step tries beside matching: no match, cancel, keys that nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from dicomtest.stage import Stage

Probe = Literal["empty", "cancel", "unknown-key", "two-items", "again"]
Query = dict[str, Any]

# Return keys that few providers support (PS3.4 Table K.6-1: all other attributes of its modules).
OPTIONAL = ("EthnicGroup", "PatientReligiousPreference")
# Keys that have no place in a worklist query, and that modalities send by mistake.
FOREIGN = {"QueryRetrieveLevel": "STUDY", "PixelPresentation": "MONOCHROME"}
STEP = "ScheduledProcedureStepSequence"


def query_of(category: str, keys: dict[str, Any], purpose: str, expect: str = "judge") -> Query:
    """A query as a step notes it."""
    return {"category": category, "keys": keys, "purpose": purpose, "expect": expect}


def queries(probe: Probe, stage: Stage, items: list[Query]) -> list[Query]:
    """The queries of one probe; none when there is nothing to try it with."""
    from dicomtest.dicom.worklist_keys import nested, universal

    present = [each["item"] for each in items if not each["cancelled"] and not each["may_be_gone"]]
    if not present:
        return []
    every = nested({**universal(), "PatientName": f"{stage.patient_prefix}*"})
    return _PROBES[probe](every, present)


def _empty(every: Query, present: list[Any]) -> list[Query]:
    nobody = {**every, "PatientName": "", "PatientID": f"{_of(present[0], 'PatientID')[:60]}-NOT"}
    return [query_of("empty", nobody, "a Patient ID that does not exist", "empty")]


def _cancel(every: Query, present: list[Any]) -> list[Query]:
    cancelled = query_of("cancel", every, "cancelled after the first answer", "cancel")
    after = query_of("after-cancel", {**every, "PatientID": _of(present[0], "PatientID")},
                     "the next query")  # fmt: skip
    return [{**cancelled, "matches": len(present)}, after]


def _unknown_key(every: Query, present: list[Any]) -> list[Query]:
    patient = _of(present[0], "PatientID")
    count = sum(_of(each, "PatientID") == patient for each in present)
    keys = {**every, "PatientName": "", "PatientID": patient}
    found = []
    for name in OPTIONAL:
        query = query_of("unknown-key", {**keys, name: ""}, f"{name} asked back", "unknown-key")
        found.append({**query, "matches": count, "unknown": name})
    for name, value in FOREIGN.items():
        words = f"{name}, which is no key of a worklist"
        query = query_of("foreign-key", {**keys, name: value}, words, "foreign-key")
        found.append({**query, "matches": count, "unknown": name})
    return found


def _two_items(every: Query, _present: list[Any]) -> list[Query]:
    keys = {**every, STEP: [*every[STEP], {"Modality": "CT"}]}
    return [query_of("two-items", keys, "two items in the sequence", "refusal")]


def _again(every: Query, _present: list[Any]) -> list[Query]:
    return [query_of("again", every, "the same query again", "again") for _ in range(2)]


def _of(item: Any, name: str) -> str:
    from dicomtest.dicom.orders import text

    return text(item, name)


_PROBES: dict[str, Callable[[Query, list[Any]], list[Query]]] = {
    "empty": _empty,
    "cancel": _cancel,
    "unknown-key": _unknown_key,
    "two-items": _two_items,
    "again": _again,
}
