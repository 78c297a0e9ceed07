"""Looking into a worklist until it is as the orders of the scenario want it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dicomtest import dimse
    from dicomtest.dicom.attribute_values import Attributes, Values
    from dicomtest.evidence import Exchange, StepEvidence
    from dicomtest.saved import SavedOrder

WORKLIST = "1.2.840.10008.5.1.4.31"
PAUSE = 0.25  # seconds between two looks
FEW = 5  # patients that are looked for one by one


@dataclass(frozen=True)
class Look:
    """What is looked for, and how long; `prefix` is what our patients' names begin with."""

    orders: Mapping[str, SavedOrder]
    prefix: str
    seconds: float


def look(peer: dimse.Requestor, wanted: Look, step: StepEvidence) -> None:
    """Query until every order is as it is to be, or the time is over; note both in the step."""
    present = {name: each for name, each in wanted.orders.items() if not each.cancelled}
    gone = {name: each for name, each in wanted.orders.items() if each.cancelled}
    step.facts["looked_for"] = list(present)
    started = monotonic()
    while peer.established and wanted.orders:
        answers = list(_answers(peer, wanted))
        for order in present.values():
            _note(order, answers)
        step.facts["missing"] = [
            [name, number] for name, order in present.items() for number in _not_right(order)
        ]
        step.facts["lingering"] = [
            [name, number] for name, order in gone.items() for number in _seen(order, answers)
        ]
        waited = monotonic() - started
        if not step.facts["missing"] and not step.facts["lingering"]:
            step.facts["visible_after"] = round(waited, 3)
            return
        if waited >= wanted.seconds:
            return
        sleep(PAUSE)


def identity(item: Attributes) -> list[str]:
    """Study Instance UID and Scheduled Procedure Step ID of an item."""
    from dicomtest.dicom.orders import text

    return [text(item, "StudyInstanceUID"), text(item, "ScheduledProcedureStepID")]


def _answers(peer: dimse.Requestor, wanted: Look) -> Iterator[Attributes]:
    from dicomtest.dicom.attribute_values import data_set, from_json
    from dicomtest.dicom.orders import text
    from dicomtest.dicom.worklist_keys import nested, universal

    every = [item for order in wanted.orders.values() for item in order.scheduled]
    patients = list(dict.fromkeys(text(item, "PatientID") for item in every))
    keys: list[dict[str, Any]] = [{"PatientID": each} for each in patients]
    ours = all(text(item, "PatientName").startswith(wanted.prefix) for item in every)
    if ours and len(patients) > FEW:  # a name may be asked with a wild card, a Patient ID may not
        keys = [{"PatientName": f"{wanted.prefix}*"}]
    for each in keys:
        if peer.established:
            identifier = data_set(from_json(nested({**universal(), **each})))
            yield from _decoded(peer.find(WORKLIST, identifier, label="look"))


def _decoded(exchange: Exchange) -> Iterator[Attributes]:
    from dicomtest.dicom.attribute_values import attributes_of

    for response in exchange.pending:
        if response.data is not None:
            try:
                yield attributes_of(response.data.dataset())
            except (ValueError, KeyError, EOFError, OSError):
                continue  # what does not decode is found by the checks


def _note(order: SavedOrder, answers: Iterable[Attributes]) -> None:
    """Keep what was answered of an order's steps."""
    from dicomtest.dicom.orders import text

    if order.exact:
        numbers = {tuple(identity(each)): n for n, each in enumerate(order.scheduled)}
        for each in answers:
            number = numbers.get(tuple(identity(each)))
            if number is not None:
                order.answer(number, each)
        return
    patients = [text(each, "PatientID") for each in order.scheduled]
    for patient in dict.fromkeys(patients):
        numbers_of = [n for n, each in enumerate(patients) if each == patient]
        own = [each for each in answers if text(each, "PatientID") == patient]
        own.sort(key=identity)
        for number, each in zip(numbers_of, own, strict=False):
            order.answer(number, each)


def _not_right(order: SavedOrder) -> Iterator[int]:
    """The steps that are not there, or do not show what was changed.

    Whether a name is spelled as it was told is judged by the values; here it counts that the
    change has arrived. What was changed to no value may be answered with one that says so, as
    Pregnancy Status with 4 (unknown).
    """
    from dicomtest.dicom.orders import step_of

    for number, scheduled in enumerate(order.scheduled):
        answered = order.answered.get(number)
        if answered is None or not all(
            _shows(name, ordered[name], place.get(name, ()))
            for ordered, place in ((scheduled, answered), (step_of(scheduled), step_of(answered)))
            for name in order.changed & ordered.keys()
        ):
            yield number


def _shows(name: str, ordered: Values, answered: Values) -> bool:
    from dicomtest.dicom.answer_content import same_values
    from dicomtest.dicom.attribute_values import vr_of

    same = same_values(vr_of(name), ordered, answered)
    return not ordered or same or _folded(ordered) == _folded(answered)


def _folded(values: Values) -> list[str]:
    return [each.casefold() for each in values if isinstance(each, str)]


def _seen(order: SavedOrder, answers: list[Attributes]) -> Iterator[int]:
    """The steps of a cancelled order that are still in the worklist."""
    from dicomtest.dicom.orders import text

    found = [each for each in answers if text(each, "ScheduledProcedureStepStatus") != "CANCELED"]
    patients = {text(each, "PatientID") for each in found}
    identities = [identity(each) for each in found]
    for number, scheduled in enumerate(order.scheduled):
        there = text(scheduled, "PatientID") in patients
        if identity(scheduled) in identities if order.exact else there:
            yield number
