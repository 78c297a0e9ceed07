"""The character sets of a run: as things were sent, and as systems returned them.

Patients are told apart by Patient ID. A system may answer in another character set
than the one in which it received something; the name must stay what it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from dicomtest.dicom.attribute_values import attributes_of
from dicomtest.dicom.headers import UNREADABLE, header
from dicomtest.evidence import DataSetRef, Exchange, StepEvidence

TAGS = (0x00080005, 0x00100010, 0x00100020)  # character set, patient's name and ID
MOST_READ = 120  # data sets of each step
Text = tuple[str, str]  # Specific Character Set, patient's name


def character_sets(steps: Sequence[StepEvidence]) -> list[dict[str, Any]]:
    """One entry for each system, service and pair of character sets, with counts.

    `sent` and `returned` each hold `character_set` (values joined by a backslash, "" for the
    default repertoire) and `name` of an example, one that differs where there is one.
    """
    sent: dict[tuple[str, str], Text] = {}
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for step in steps:
        for patient, text in _sent(step, sent):
            sent.setdefault((step.scenario, patient), text)
        for exchange, data in islice(_returned(step), MOST_READ):
            patient, back = _read(data)
            there = sent.get((step.scenario, patient))
            if there is not None and back[1]:  # a query need not have asked for the name
                _add(found, step, exchange.service, there, back)
    return list(found.values())


def _add(
    found: dict[tuple[str, ...], dict[str, Any]],
    step: StepEvidence,
    service: str,
    there: Text,
    back: Text,
) -> None:
    system = step.scp
    key = (system, service, there[0], back[0])
    same = _plain(there[1]) == _plain(back[1])
    entry = found.setdefault(
        key,
        {
            "scenario": step.scenario,
            "step": step.step,
            "service": service,
            "system": system,
            "sent": {"character_set": there[0], "name": there[1]},
            "returned": {"character_set": back[0], "name": back[1]},
            "count": 0,
            "different": 0,
        },
    )
    first_difference = not same and not entry["different"]
    entry["count"] += 1
    entry["different"] += not same
    if first_difference or (same and not entry["different"] and _richer(there[1], entry)):
        entry["sent"]["name"], entry["returned"]["name"] = there[1], back[1]
        entry["scenario"], entry["step"] = step.scenario, step.step


def _richer(name: str, entry: dict[str, Any]) -> bool:
    return not name.isascii() and bool(entry["sent"]["name"].isascii())


def _plain(name: str) -> str:
    """A name without what means nothing in it: trailing delimiters and spaces (PS3.5 6.2.1)."""
    groups = [each.rstrip("^ ") for each in name.split("=")]
    return "=".join(groups).rstrip("=")


def _sent(step: StepEvidence, known: dict[tuple[str, str], Text]) -> Iterator[tuple[str, Text]]:
    items = step.facts.get("items", ()) if step.kind == "order" else ()
    for each in items:
        item = each.get("item", each) if isinstance(each, dict) else {}
        patient = _joined(item.get("PatientID"))
        if patient:
            character_set = _joined(item.get("SpecificCharacterSet"))
            yield patient, (character_set, _joined(item.get("PatientName")))
    for instance in step.instances:
        if (step.scenario, instance.patient_id) not in known and instance.patient_id:
            patient, text = _read(instance.data)
            if patient:
                yield patient, text


def _returned(step: StepEvidence) -> Iterator[tuple[Exchange, DataSetRef]]:
    """Answers to queries, and objects that came back."""
    for exchange in step.exchanges("C-FIND", "C-STORE"):
        if exchange.service == "C-FIND":
            for each in exchange.pending:
                if each.data is not None:
                    yield exchange, each.data
        elif step.kind in ("move", "get") and exchange.data is not None:
            yield exchange, exchange.data


def _read(data: DataSetRef) -> tuple[str, Text]:
    """Patient ID, character set and name; empty where the bytes are no data set."""
    try:
        found = attributes_of(header(data, TAGS))
    except (*UNREADABLE, OSError):
        return "", ("", "")
    name = _joined(found.get("PatientName"))
    return _joined(found.get("PatientID")), (_joined(found.get("SpecificCharacterSet")), name)


def _joined(values: object) -> str:
    if isinstance(values, str):
        return values
    parts = values if isinstance(values, (list, tuple)) else ()
    return "\\".join(each for each in map(str, parts)) if any(parts) else ""
