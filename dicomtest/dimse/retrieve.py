"""C-MOVE and C-GET as the provider: sub-operations, counters, statuses (PS3.4 C.4.2, C.4.3)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dicomtest.dimse.dispatch import Incoming, answer
from dicomtest.dimse.invoker import Invoker
from dicomtest.dimse.messages import encode_dataset
from dicomtest.dimse.status import status_class
from dicomtest.dimse.upper import Gone
from dicomtest.dimse.values import Answer, Proposal, Retrieval
from dicomtest.evidence import (
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    Association,
    DataSetRef,
    Exchange,
    Instance,
)

if TYPE_CHECKING:
    from dicomtest.dimse.requestor import Requestor

_UNCOMPRESSED = (EXPLICIT_LITTLE, IMPLICIT_LITTLE)


class Counters:
    """The numbers of sub-operations, and what failed."""

    def __init__(self, total: int) -> None:
        """Start with everything remaining."""
        self.remaining = total
        self.completed = self.failed = self.warning = 0
        self.failed_instances: list[str] = []

    def count(self, instance: Instance, exchange: Exchange | None) -> None:
        """Count one finished sub-operation by the class of its status."""
        self.remaining -= 1
        kind = None if exchange is None else status_class(exchange.status)
        if kind == "success":
            self.completed += 1
        elif kind == "warning":
            self.warning += 1
        else:
            self.failed += 1
            self.failed_instances.append(instance.sop_instance)

    def elements(self, *, remaining: bool) -> dict[str, Any]:
        """Give the command elements; Remaining is for Pending and Cancel only (C.4.2.1.6)."""
        elements: dict[str, Any] = {
            "NumberOfCompletedSuboperations": self.completed,
            "NumberOfFailedSuboperations": self.failed,
            "NumberOfWarningSuboperations": self.warning,
        }
        if remaining:
            elements["NumberOfRemainingSuboperations"] = self.remaining
        return elements

    def final(self, *, cancelled: bool) -> Answer:
        """Give the final response: status, counters, Failed SOP Instance UID List if any failed."""
        if cancelled:
            status = 0xFE00
        elif not self.failed and not self.warning:
            status = 0x0000
        elif self.failed and not self.completed and not self.warning:
            status = 0xA702
        else:
            status = 0xB000
        dataset = None
        if self.failed_instances:
            from pydicom import Dataset

            dataset = Dataset()
            dataset.FailedSOPInstanceUIDList = self.failed_instances
        return Answer(status, dataset, self.elements(remaining=cancelled))


def retrieve(incoming: Incoming, wanted: Retrieval) -> None:
    """Carry the sub-operations out and send Pending and final responses."""
    if wanted.status is not None:
        answer(incoming, Answer(wanted.status, elements=wanted.elements))
        return
    counters = Counters(len(wanted.instances))
    if incoming.exchange.service == "C-GET":
        cancelled = _send(incoming, wanted, incoming.same_association, counters)
    else:
        cancelled = _move(incoming, wanted, counters)
    answer(incoming, counters.final(cancelled=cancelled))


def _move(incoming: Incoming, wanted: Retrieval, counters: Counters) -> bool:
    from dicomtest.dimse.requestor import associate

    if not wanted.instances:
        return False
    if wanted.destination is None:
        raise ValueError("a C-MOVE that is not refused needs a destination")
    link = incoming.link
    requestor = associate(
        wanted.destination,
        calling=wanted.calling or link.ae_title,
        proposals=storage_proposals(wanted.instances),
        recorder=link.recorder,
        limits=link.limits,
        label="C-MOVE sub-operations",
    )
    link.child = requestor.link
    try:
        with requestor:
            return _send(incoming, wanted, requestor, counters)
    finally:
        link.child = None


def storage_proposals(instances: Sequence[Instance]) -> list[Proposal]:
    """Propose for each SOP class what its instances are stored in, one context for each syntax.

    Uncompressed instances are also offered in the other uncompressed encoding.
    """
    wanted: dict[tuple[str, tuple[str, ...]], None] = {}
    for each in instances:
        syntax = each.data.transfer_syntax
        wanted[each.sop_class, (syntax,)] = None
        if syntax in _UNCOMPRESSED:
            for other in _UNCOMPRESSED:
                wanted[each.sop_class, (other,)] = None
    return [Proposal(sop_class, syntaxes) for sop_class, syntaxes in wanted][:128]


def _send(
    incoming: Incoming, wanted: Retrieval, invoker: Invoker | Requestor, counters: Counters
) -> bool:
    """Send the instances one by one; say whether the retrieval was cancelled."""
    exchange, link = incoming.exchange, incoming.link
    originator = None
    if exchange.service == "C-MOVE":
        originator = (link.association.calling_ae_title, exchange.message_id)
    for index, instance in enumerate(wanted.instances):
        if incoming.is_cancelled():
            if link.upper.usable:
                return True
            raise Gone(link.upper.why or "the association ended")
        stored = _store(invoker, instance, originator)
        counters.count(instance, stored)
        last = index + 1 == len(wanted.instances)
        if wanted.pending_every and not last and (index + 1) % wanted.pending_every == 0:
            answer(incoming, Answer(0xFF00, elements=counters.elements(remaining=True)))
    return False


def _store(
    invoker: Invoker | Requestor, instance: Instance, originator: tuple[str, int] | None
) -> Exchange:
    return invoker.store(
        _in_accepted_syntax(invoker.association, instance),
        sop_class=instance.sop_class,
        sop_instance=instance.sop_instance,
        originator=originator,
        label="sub-operation",
    )


def _in_accepted_syntax(association: Association, instance: Instance) -> DataSetRef:
    """Give the data set as stored, or re-encoded where only the other encoding was accepted."""
    data = instance.data
    accepted = [each.accepted for each in association.accepted(instance.sop_class)]
    if data.transfer_syntax in accepted or data.transfer_syntax not in _UNCOMPRESSED:
        return data
    for other in _UNCOMPRESSED:
        if other in accepted:
            return encode_dataset(data.dataset(), other)
    return data
