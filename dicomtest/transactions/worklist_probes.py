"""What a worklist step tries beside matching: no match, cancel, keys that nobody knows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from dicomtest.stage import Stage

Probe = Literal["empty", "cancel", "unknown-key", "two-items", "again"]
Query = dict[str, Any]

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
    for name, words in (("QueryRetrieveLevel", "a Query/Retrieve Level"),
                        ("PixelPresentation", "an attribute of images")):  # fmt: skip
        asked = {**keys, name: "STUDY" if name == "QueryRetrieveLevel" else "MONOCHROME"}
        query = query_of("unknown-key", asked, f"{words}, which no worklist has", "unknown-key")
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
