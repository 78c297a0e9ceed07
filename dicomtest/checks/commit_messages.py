"""Commitment requests and their reports in the evidence, as the checks need them (PS3.4 J.3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from dicomtest.checks.memo import once_per_step
from dicomtest.checks.mpps_messages import decoded, is_taken
from dicomtest.dicom.attribute_values import Attributes
from dicomtest.dicom.commitment_model import (
    COMMITMENT,
    FAILED,
    REFERENCED,
    Reference,
    references,
    transaction_of,
)
from dicomtest.evidence import Association, Exchange, StepEvidence
from dicomtest.findings import Blocked, NotApplicable

Way = Literal["same", "new", "next"]


@dataclass(frozen=True)
class Asked:
    """An N-ACTION: what was asked for."""

    exchange: Exchange
    association: Association
    attributes: Attributes

    @property
    def transaction(self) -> str:
        """Its Transaction UID."""
        return transaction_of(self.attributes)

    @cached_property
    def references(self) -> list[Reference]:
        """The instances to commit."""
        return references(self.attributes, REFERENCED)


@dataclass(frozen=True)
class Reported:
    """An N-EVENT-REPORT, on the association of the request, a new or the next one."""

    exchange: Exchange
    association: Association
    attributes: Attributes
    way: Way

    @property
    def transaction(self) -> str:
        """Its Transaction UID."""
        return transaction_of(self.attributes)

    @property
    def event_type(self) -> int | None:
        """Its Event Type ID."""
        found = self.exchange.command.get("EventTypeID")
        return found if isinstance(found, int) else None

    @cached_property
    def committed(self) -> list[Reference]:
        """Referenced SOP Sequence."""
        return references(self.attributes, REFERENCED)

    @cached_property
    def failed(self) -> list[Reference]:
        """Failed SOP Sequence."""
        return references(self.attributes, FAILED)

    @property
    def taken(self) -> bool:
        """Whether it was answered with Success or a Warning."""
        return is_taken(self.exchange.status)


@once_per_step
def asked(step: StepEvidence) -> list[Asked]:
    """The requests of this step."""
    return [
        Asked(exchange, association, decoded(exchange.data))
        for association in step.associations
        for exchange in association.of("N-ACTION")
        if exchange.sop_class == COMMITMENT and exchange.ending != "not sent"
    ]


@once_per_step
def all_reports(step: StepEvidence) -> list[Reported]:
    """Every report in this step, whatever its transaction."""
    scp = step.players.get(step.scp)
    title = scp.ae_title if scp else ""
    found = []
    for association in step.associations:
        from_scp = bool(title) and association.calling_ae_title.strip() == title
        way: Way = "new" if from_scp else "same" if association.of("N-ACTION") else "next"
        for exchange in association.of("N-EVENT-REPORT"):
            if exchange.sop_class == COMMITMENT and exchange.ending != "not sent":
                found.append(Reported(exchange, association, decoded(exchange.data), way))
    return found


def for_reports(step: StepEvidence) -> Iterator[Association]:
    """Associations that the provider opened, or tried to open, for its report."""
    scp = step.players.get(step.scp)
    for each in step.associations:
        proposed = any(context.abstract_syntax == COMMITMENT for context in each.contexts)
        if proposed and scp is not None and each.calling_ae_title.strip() == scp.ae_title:
            yield each


def since_request(step: StepEvidence) -> Iterator[StepEvidence]:
    """The steps from the one that made this step's request on, up to this one."""
    transaction = step.facts.get("transaction")
    steps = [*step.story, step]
    first = len(steps) - 1
    if not asked(step):
        for index, each in enumerate(steps):
            if any(one.transaction == transaction for one in asked(each)):
                first = index
    return iter(steps[first:])


def reports(step: StepEvidence) -> list[Reported]:
    """Every report on this step's request, also where it came in a step between."""
    transaction = step.facts.get("transaction")
    return [
        each
        for one in since_request(step)
        for each in all_reports(one)
        if each.transaction == transaction
    ]


def accepted_request(step: StepEvidence) -> bool:
    """Whether the provider took this step's request."""
    transaction = step.facts.get("transaction")
    return any(
        each.transaction == transaction and is_taken(each.exchange.status)
        for one in since_request(step)
        for each in asked(one)
    )


def report(step: StepEvidence) -> Reported:
    """The report to judge: the first; raises when there is none to judge."""
    found = reports(step)
    if found:
        return found[0]
    if not accepted_request(step):
        raise NotApplicable("the request was refused, so no report follows")
    if not step.facts.get("within"):
        raise NotApplicable("the report is waited for in a later step")
    raise Blocked("no report came")
