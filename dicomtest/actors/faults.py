"""How a simulated provider shows the faults that a step or its device profile asks for."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from dicomtest import dimse
from dicomtest.evidence import DataSetRef
from dicomtest.spec import names
from dicomtest.spec.faults import REJECTIONS, SYNTAXES

if TYPE_CHECKING:
    from pydicom import Dataset

    from dicomtest.spec.faults import Faults

MID_TRANSFER = 2048  # bytes of a data set after which it is broken off
HUGE = 250  # worklist items that nobody ordered
COMMENT = "Refused on purpose by the test"
FAILED_TO_COMMIT = 0x0110  # processing failure (PS3.3 C.14.1.1)
# Requests that `status` is about: not C-ECHO, by which people look whether anybody is there.
REFUSED = frozenset({"store", "find", "move", "get", "n_create", "n_set", "n_action"})


class FaultPlan:
    """The faults in force, and how often they were shown; safe for threads."""

    def __init__(self, faults: Faults) -> None:
        """Begin to count."""
        self.faults = faults
        self._seen = 0
        self._lock = threading.Lock()

    def due(self) -> bool:
        """Whether the next request or association is one that goes wrong."""
        with self._lock:
            self._seen += 1
            number = self._seen - self.faults.skip
        return number > 0 and (self.faults.times is None or number <= self.faults.times)

    def policy(self, usual: dimse.Policy) -> dimse.Policy:
        """How the next association is treated."""
        wanted = self.faults
        if wanted.delay:
            usual = replace(usual, answer_delay=wanted.delay)
        if not (wanted.reject or wanted.silent or wanted.abort or wanted.drop) or not self.due():
            return usual
        return replace(
            usual,
            reject=REJECTIONS[wanted.reject] if wanted.reject else usual.reject,
            silent=wanted.silent,
            abort=wanted.abort == "association",
            abort_after_bytes=MID_TRANSFER if wanted.abort == "transfer" else None,
            close_after_bytes=MID_TRANSFER if wanted.drop else None,
        )

    def supported(self, usual: list[dimse.Supported]) -> list[dimse.Supported]:
        """What is accepted; C-ECHO always is."""
        kept = [
            each
            for each in usual
            if self.faults.accept is None
            or each.abstract_syntax in self.faults.accept
            or each.abstract_syntax == VERIFICATION
        ]
        if self.faults.transfer_syntaxes is None:
            return kept
        wanted = names.transfer_syntax_uids(
            SYNTAXES.get(each, each) for each in self.faults.transfer_syntaxes
        )
        return [replace(each, transfer_syntaxes=wanted) for each in kept]

    def status(self) -> int | None:
        """The status of the next request; None when it is answered as usual."""
        return self.faults.status if self.faults.status is not None and self.due() else None

    def commitment_fails(self, number: int) -> int | None:
        """Why the instance of that number (from 0) is not committed; None when it is."""
        partly = self.faults.commit == "partly" and number % 2 == 1
        return FAILED_TO_COMMIT if partly or self.faults.commit == "nothing" else None


VERIFICATION = "1.2.840.10008.1.1"
PlanNow = Callable[[], FaultPlan | None]


def with_faults(handlers: dimse.Handlers, plan: PlanNow) -> dimse.Handlers:
    """Handlers that answer as these do, except where the plan of that moment says otherwise."""
    wrapped: dict[str, Any] = {}
    for each in fields(handlers):
        handler = getattr(handlers, each.name)
        if each.name == "find" and handler is not None:
            wrapped[each.name] = _finding(handler, plan)
        elif each.name in ("move", "get") and handler is not None:
            wrapped[each.name] = _retrieving(handler, plan)
        elif each.name in REFUSED and (handler is not None or each.name == "store"):
            wrapped[each.name] = _answering(handler, plan)
    return replace(handlers, **wrapped)


def _answering(
    handler: Callable[[dimse.Incoming], dimse.Answer] | None, plan: PlanNow
) -> Callable[[dimse.Incoming], dimse.Answer]:
    def answer(incoming: dimse.Incoming) -> dimse.Answer:
        now = plan()
        status = now.status() if now else None
        if status is not None and dimse.status_class(status) != "warning":
            return dimse.Answer(status, elements={"ErrorComment": COMMENT})
        given = handler(incoming) if handler else dimse.Answer(0x0000)
        return given if status is None else replace(given, status=status)

    return answer


def _retrieving(
    handler: Callable[[dimse.Incoming], dimse.Retrieval], plan: PlanNow
) -> Callable[[dimse.Incoming], dimse.Retrieval]:
    def retrieve(incoming: dimse.Incoming) -> dimse.Retrieval:
        now = plan()
        status = now.status() if now else None
        if status is not None:
            return dimse.Retrieval(status=status, elements={"ErrorComment": COMMENT})
        return handler(incoming)

    return retrieve


def _finding(
    handler: Callable[[dimse.Incoming], Iterator[dimse.Answer]], plan: PlanNow
) -> Callable[[dimse.Incoming], Iterator[dimse.Answer]]:
    def find(incoming: dimse.Incoming) -> Iterator[dimse.Answer]:
        now = plan()
        status = now.status() if now else None
        if status is not None:
            yield dimse.Answer(status, elements={"ErrorComment": COMMENT})
            return
        wanted = now.faults.worklist if now else None
        if wanted == "empty":
            yield dimse.Answer(0x0000)
            return
        for each in handler(incoming):
            if wanted == "huge" and each.status in (0xFF00, 0xFF01):
                yield from _many(each)
                wanted = None
            yield each

    return find


def _many(one: dimse.Answer) -> Iterator[dimse.Answer]:
    """Hundreds of items like this one, of patients that nobody knows."""
    data = one.dataset
    pattern = data.dataset() if isinstance(data, DataSetRef) else data
    for number in range(1, HUGE + 1):
        made = copy.deepcopy(pattern)
        if made is not None:
            _rename(made, number)
        yield replace(one, dataset=made)


def _rename(item: Dataset, number: int) -> None:
    for keyword in ("PatientID", "AccessionNumber", "RequestedProcedureID"):
        if keyword in item:
            setattr(item, keyword, f"DTMANY{number:05d}")
    if "StudyInstanceUID" in item:
        item.StudyInstanceUID = f"{str(item.StudyInstanceUID)[:56]}.{number}"
    for step in item.get("ScheduledProcedureStepSequence") or ():
        if "ScheduledProcedureStepID" in step:
            step.ScheduledProcedureStepID = f"DTMANY{number:05d}"
