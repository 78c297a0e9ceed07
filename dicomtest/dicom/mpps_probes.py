"""What a tester asks of an MPPS SCP beyond the normal course, and how it has to answer.

Each probe is a short story on steps of its own, as a list of requests. The label of a request
tells the checks what it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dicomtest.dicom.attribute_values import Attributes
from dicomtest.dicom.mpps_model import (
    COMPLETED,
    DISCONTINUED,
    IN_PROGRESS,
    NOT_ALLOWED_IN_SET,
    STATUS,
)

Service = Literal["N-CREATE", "N-SET"]
ProbeName = Literal[
    "transitions", "duplicate", "unknown", "created-final", "missing-type-1", "empty-type-1",
    "missing-type-2", "after-completed", "after-discontinued", "not-allowed", "bad-status",
]  # fmt: skip


@dataclass(frozen=True)
class Expected:
    """How a labelled request is answered: taken, or refused with one of these statuses."""

    taken: bool
    statuses: tuple[int, ...] = ()


TAKEN = Expected(True)
EXPECTED: dict[str, Expected] = {
    "create": TAKEN,
    "update": TAKEN,
    "progress": TAKEN,
    "end": TAKEN,
    "duplicate": Expected(False, (0x0111,)),
    "unknown": Expected(False, (0x0112,)),
    "created-completed": Expected(False, (0x0106,)),
    "created-discontinued": Expected(False, (0x0106,)),
    "refused-create-left-nothing": Expected(False, (0x0112,)),
    "missing-type-1": Expected(False, (0x0120,)),
    "empty-type-1": Expected(False, (0x0121,)),
    "missing-type-2": Expected(False, (0x0120,)),
    "after-completed": Expected(False, (0x0110,)),
    "after-discontinued": Expected(False, (0x0110,)),
    "reopen": Expected(False, (0x0110,)),
    "not-allowed": Expected(False, (0x0105, 0x0106, 0x0110)),
    "bad-status": Expected(False, (0x0106,)),
}
"""By label of the request."""


@dataclass(frozen=True)
class Request:
    """One request of a probe: what to send, to which of the probe's steps, under which label."""

    service: Service
    label: str
    attributes: Attributes
    step: int = 0  # number of the SOP Instance UID among those of the probe


def requests(probe: ProbeName, creation: Attributes, ending: Attributes) -> Iterator[Request]:
    """The requests of a probe, from a conformant N-CREATE and a conformant final N-SET."""
    discontinued = {**ending, STATUS: (DISCONTINUED,)}
    completed = {**ending, STATUS: (COMPLETED,)}
    create = Request("N-CREATE", "create", creation)
    match probe:
        case "transitions":
            for number, last in enumerate((completed, discontinued)):
                yield Request("N-CREATE", "create", creation, number)
                yield Request("N-SET", "update", without(ending, STATUS), number)
                yield Request("N-SET", "progress", {STATUS: (IN_PROGRESS,)}, number)
                yield Request("N-SET", "end", last, number)
        case "duplicate":
            yield create
            yield Request("N-CREATE", "duplicate", creation)
            yield Request("N-SET", "end", completed)
        case "unknown":
            yield Request("N-SET", "unknown", completed)
        case "created-final":
            for number, status in enumerate((COMPLETED, DISCONTINUED)):
                made = {**creation, **ending, STATUS: (status,)}
                yield Request("N-CREATE", f"created-{status.lower()}", made, number)
                yield Request("N-SET", "refused-create-left-nothing", completed, number)
        case "missing-type-1":
            absent = without(creation, "PerformedProcedureStepID")
            yield Request("N-CREATE", "missing-type-1", absent)
        case "empty-type-1":
            yield Request("N-CREATE", "empty-type-1", {**creation, "Modality": ()})
        case "missing-type-2":
            yield Request("N-CREATE", "missing-type-2", without(creation, "PatientID"))
        case "after-completed":
            yield create
            yield Request("N-SET", "end", completed)
            yield Request("N-SET", "after-completed", discontinued)
            yield Request("N-SET", "reopen", {STATUS: (IN_PROGRESS,)})
        case "after-discontinued":
            yield create
            yield Request("N-SET", "end", discontinued)
            yield Request("N-SET", "after-discontinued", completed)
        case "not-allowed":
            yield create
            wrong: Attributes = {"PatientID": ("DT-SOMEBODY-ELSE",)}
            assert set(wrong) <= set(NOT_ALLOWED_IN_SET)
            yield Request("N-SET", "not-allowed", wrong)
            yield Request("N-SET", "end", completed)
        case "bad-status":
            yield create
            yield Request("N-SET", "bad-status", {**ending, STATUS: ("FINISHED",)})
            yield Request("N-SET", "end", completed)


def without(attributes: Attributes, *names: str) -> Attributes:
    """The same without these."""
    return {name: values for name, values in attributes.items() if name not in names}
